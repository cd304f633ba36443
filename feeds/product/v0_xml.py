"""v0.1.0 records in XML: a page's list into one typed frame."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from feeds.product import columns, xml_records
from feeds.product.rejected import RejectedRecord
from feeds.product.source import V0_XML
from feeds.product.xml_cells import Cells, shared_columns
from feeds.product.xml_layout import Ignored, Layout, Pairs, Part, Path, Text, Texts, price, texts
from feeds.product.xml_records import XmlShape

_IDENTIFIER = Part("productIdentifier", (Path("categoryPaths"), Text("productId")))
_ATTRIBUTES = Part(
    "productAttributes",
    (
        *texts("cashBack", "codAvailable", "color", "colorVariants"),
        *texts("discountPercentage", "emiAvailable"),
        Pairs("imageUrls"),
        *texts("inStock", "isAvailable"),
        price("maximumRetailPrice"),
        Texts("offers", inner="title"),
        *texts("productBrand", "productDescription", "productUrl"),
        price("sellingPrice"),
        *texts("size", "sizeUnit", "sizeVariants", "styleCode", "title"),
    ),
)
_BASE = Part("productBaseInfo", (_IDENTIFIER, _ATTRIBUTES))
_LAYOUT = Layout(Ignored("offset"), _BASE, Ignored("productShippingBaseInfo"))


def decode_records(raws: Sequence[bytes]) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a page's records, and the records that do not fit.

    Args:
        raws: each record's element as it stands in the page, such as `<productInfoList>...`.
    """
    return xml_records.decode_records(raws, SHAPE)


def frame_of(cells: Cells, record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the typed frame of records.

    Raises:
        msgspec.ValidationError: a record has a value that does not fit.
    """
    return columns.frame(shared_columns(cells) | _older_columns(cells), record_numbers)


def _older_columns(cells: Cells) -> dict[str, pa.Array]:
    return {
        "category_path": cells.paths("categoryPaths"),
        "currency": cells.currencies("maximumRetailPrice", "sellingPrice"),
        "selling_price": cells.amounts("sellingPrice"),
        "emi_available": cells.flags("emiAvailable"),
        "cash_back": cells.texts("cashBack"),
        "size": cells.texts("size"),
        "size_unit": cells.texts("sizeUnit"),
        "color": cells.texts("color"),
        "style_code": cells.texts("styleCode"),
        "size_variants": columns.variants(cells.strings("sizeVariants")),
        "color_variants": columns.variants(cells.strings("colorVariants")),
    }


SHAPE = XmlShape(source=V0_XML, base=_BASE.name, layout=_LAYOUT, frame_of=frame_of)
"""How v0.1.0 records in XML are read."""
