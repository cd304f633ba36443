"""The cells of a page's XML rows, column by column, as typed Arrow arrays.

Everything in XML is text. Numbers and flags are read as `feeds.product.values` says, so that a
value is good in one format exactly when it is good in the other; an empty element says nothing, as
null does. A title and the like keep the blanks at their ends.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec
import pyarrow as pa

from feeds.invisible import stripped
from feeds.product import category_path, columns
from feeds.product.values import AMOUNT, COUNT, FLAG, NUMBER, Kind
from feeds.product.xml_layout import Layout, Row

T = TypeVar("T")

_NUMBERED = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_entries = re.compile("<key>([^<]*+)</key>(?:<value>([^<]*+)</value>)?+").findall


class Cells:
    """The cells of some rows of one layout.

    A method's `slot` is the layout's name for the column, such as `maximumRetailPrice/amount`.
    What cannot be read is a `msgspec.ValidationError` that names the slot; of one row, it names
    the very value.
    """

    def __init__(self, layout: Layout, rows: Sequence[Row]) -> None:
        """Turn rows into columns."""
        turned = zip(*rows, strict=True) if rows else ((),) * len(layout.slots)
        self._cells: dict[str, Sequence[str]] = dict(zip(layout.slots, turned, strict=True))

    def strings(self, slot: str) -> list[str]:
        """Return the texts of a column; an absent one is empty."""
        return [unescape(text) if "&" in text else text for text in self._cells[slot]]

    def members(self, slot: str, inner: str = "") -> list[list[str] | None]:
        """Return the lists of a column, whose texts may be wrapped in an inner element."""
        name = slot.rpartition("/")[2]
        start, between, end = len(name) + 2, f"</{name}><{name}>", -len(name) - 3
        made: list[list[str] | None] = []
        for cell in self._cells[slot]:
            bare = _unwrapped(cell, inner) if inner else cell
            texts = bare[start:end].split(between) if bare else None
            made.append(list(map(unescape, texts)) if texts and "&" in bare else texts)
        return made

    def ids(self, slot: str) -> pa.Array:
        """Return product ids; there is one in every row."""
        return columns.ids(self.strings(slot))

    def texts(self, slot: str) -> pa.Array:
        """Return texts."""
        return columns.texts(self.strings(slot))

    def lists(self, slot: str) -> pa.Array:
        """Return lists of texts."""
        return columns.lists(self.members(slot))

    def maps(self, slot: str) -> pa.Array:
        """Return maps of texts."""
        return columns.maps([_pairs(one) if one else None for one in self._cells[slot]])

    def families(self, slot: str) -> pa.Array:
        """Return product families, whichever way they are written."""
        return columns.families(self.members(slot))

    def paths(self, slot: str) -> pa.Array:
        """Return category paths, whichever way they are written."""
        return columns.texts(category_path.all_joined(map(stripped, self.strings(slot))))

    def flags(self, slot: str) -> pa.Array:
        """Return true, false and null."""
        return pa.array(_flags.read(self._cells[slot], slot), pa.bool_())

    def numbers(self, slot: str) -> pa.Array:
        """Return any numbers."""
        return pa.array(_numbers.read(self._cells[slot], slot), pa.float64())

    def amounts(self, name: str) -> pa.Array:
        """Return the amounts of a price."""
        slot = f"{name}/amount"
        return pa.array(_amounts.read(self._cells[slot], slot), pa.float64())

    def counts(self, slot: str) -> pa.Array:
        """Return whole numbers from 0 on."""
        return pa.array(_counts.read(self._cells[slot], slot), pa.float64())

    def currencies(self, *names: str) -> pa.Array:
        """Return the currency that the prices of a row share."""
        said = (self.strings(f"{name}/currency") for name in names)
        return columns.currencies(zip(*said, strict=True))


def shared_columns(cells: Cells) -> dict[str, pa.Array]:
    """Return the columns that both API versions spell alike."""
    return {
        "product_id": cells.ids("productId"),
        "title": cells.texts("title"),
        "description": cells.texts("productDescription"),
        "brand": cells.texts("productBrand"),
        "product_url": columns.product_urls(cells.strings("productUrl")),
        "image_urls": cells.maps("imageUrls"),
        "mrp": cells.amounts("maximumRetailPrice"),
        "discount_percentage": cells.numbers("discountPercentage"),
        "in_stock": cells.flags("inStock"),
        "is_available": cells.flags("isAvailable"),
        "cod_available": cells.flags("codAvailable"),
        "offers": columns.lists(cells.members("offers", inner="title")),
    }


def unescape(text: str) -> str:
    """Return the text that well-formed markup without entities of its own stands for."""
    if "&#" in text:
        text = _NUMBERED.sub(_character, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&apos;", "'").replace("&amp;", "&")


class _Values(Generic[T]):
    """Reads a column of texts at once."""

    def __init__(self, kind: Kind[T]) -> None:
        self._kind = kind
        whole: Any = list[kind.wire_type | None]  # type: ignore[name-defined]
        self._decode = msgspec.json.Decoder(whole).decode

    def read(self, texts: Sequence[str], slot: str) -> list[T | None]:
        try:
            values: list[T | None] = self._decode(f"[{','.join(_spelled(texts))}]")
        except msgspec.DecodeError:
            values = []
        if len(values) != len(texts):  # one of them is spelled in another way, or wrong
            where = slot.replace("/", ".")
            return [self._kind.read(unescape(text), where) for text in texts]
        return values


_amounts = _Values(AMOUNT)
_counts = _Values(COUNT)
_numbers = _Values(NUMBER)
_flags = _Values(FLAG)


def _unwrapped(chunk: str, inner: str) -> str:
    if f"<{inner}>" not in chunk:
        return chunk
    return chunk.replace(f"<{inner}>", "").replace(f"</{inner}>", "")


def _pairs(chunk: str) -> dict[str, str]:
    pairs = _entries(chunk)
    if "&" in chunk:
        pairs = [(unescape(key), unescape(value)) for key, value in pairs]
    if chunk.isascii() and not ("&" in chunk or " " in chunk or "\n" in chunk or "\t" in chunk):
        return dict(pairs)
    return {stripped(key): stripped(value) for key, value in pairs}


def _spelled(texts: Sequence[str]) -> list[str]:
    return [text or "null" for text in texts]


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    character = chr(number) if number <= sys.maxunicode else "\ufffd"
    # The named references are resolved next, and no text must look like one.
    return "&amp;" if character == "&" else character
