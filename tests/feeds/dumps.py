"""Dumps made by hand: rows, some of them broken, in a zip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from feeds.dump.archive import DumpLimits
from feeds.dump.dump import Dump, DumpChunk
from feeds.product.rejected import RejectedRecord

HEADER = (
    "productId,title,description,imageUrlStr,mrp,sellingPrice,specialPrice,productUrl,categories,"
    "productBrand,productFamily,inStock,codAvailable,offers,discount,shippingCharges,deliveryTime,"
    "size,color,sizeUnit,storage,displaySize,keySpecsStr,detailedSpecsStr,specificationList,"
    "sellerName,sellerAverageRating,sellerNoOfRatings,sellerNoOfReviews,sleeve,neck,idealFor"
)
COLUMNS = tuple(HEADER.split(","))


@dataclass(frozen=True)
class Read:
    """What a dump gave."""

    chunks: list[DumpChunk]

    @property
    def frame(self) -> pl.DataFrame:
        """Every row that fits, in order."""
        return pl.concat([chunk.frame for chunk in self.chunks])

    @property
    def ids(self) -> list[str]:
        """The ids of the rows that fit, in order."""
        return self.frame["product_id"].to_list()

    @property
    def rejected(self) -> list[RejectedRecord]:
        """Every row that does not fit."""
        return [reject for chunk in self.chunks for reject in chunk.rejected]

    @property
    def repaired_count(self) -> int:
        """Rows whose quotes were not doubled."""
        return sum(chunk.repaired_count for chunk in self.chunks)

    @property
    def row_count(self) -> int:
        """All rows."""
        return sum(chunk.row_count for chunk in self.chunks)


def product_id(number: int) -> str:
    """Return an id in the vendor's form."""
    return f"SHOE{number:012}"


def fields(number: int, **other: str) -> dict[str, str]:
    """Return a row's fields by column."""
    own = product_id(number)
    image = f"http://img.invalid/image/shoe-{{}}-ima{number}.jpeg"
    return (
        dict.fromkeys(COLUMNS, "")
        | {
            "productId": own,
            "title": f"Shoe {number}",
            "description": "Light, quick",
            "imageUrlStr": ";".join(
                image.format(size) for size in ("original", "200x200", "400x400")
            ),
            "mrp": "999",
            "sellingPrice": "500.5",
            "specialPrice": "450",
            "productUrl": f"http://dl.invalid/dl/shoe/p/itm{number}?pid={own}",
            "categories": "Footwear>Shoes, Boots>Shoes",
            "productBrand": "Feet & Co",
            "productFamily": f"{own},{product_id(number + 1)}",
            "inStock": "true",
            "codAvailable": "false",
            "discount": "49",
            "keySpecsStr": "Type: Shoe;Colour: Red",
            "sellerAverageRating": "4.1",
            "sellerNoOfRatings": "12",
        }
        | other
    )


def quoted(field: str) -> str:
    """Return a field as it should stand in a row."""
    if any(mark in field for mark in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field


def misquoted(field: str) -> str:
    """Return a field as it should not: within quotes, its own not doubled."""
    return f'"{field}"'


def line(row: dict[str, str], broken: Iterable[str] = (), lost: int = 0) -> str:
    """Return a row's text; some columns misquoted, some of the last ones left out."""
    written = [
        misquoted(value) if name in set(broken) else quoted(value) for name, value in row.items()
    ]
    return ",".join(written[: len(written) - lost])


def zipped(
    file: Path, lines: Iterable[str | bytes], *, name: str = "abc-d3f.csv", end: bytes = b"\n"
) -> Path:
    """Write a dump of these lines, a header before them, and return where."""
    texts = [text.encode() if isinstance(text, str) else text for text in lines]
    return packed(file, end.join([HEADER.encode(), *texts, b""]), name=name)


def packed(file: Path, content: bytes, *, name: str = "abc-d3f.csv") -> Path:
    """Write a zip with one member and return where."""
    member = ZipInfo(name, (2017, 1, 3, 4, 5, 6))
    member.compress_type = ZIP_DEFLATED
    with ZipFile(file, "w") as archive:
        archive.writestr(member, content)
    return file


def read(file: Path, limits: DumpLimits | None = None, rows_per_chunk: int = 10_000) -> Read:
    """Read a whole dump."""
    with Dump(file, limits, rows_per_chunk=rows_per_chunk) as dump:
        return Read(list(dump.chunks()))
