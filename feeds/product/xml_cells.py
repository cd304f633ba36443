"""The cells of a page's XML rows, column by column, as typed Arrow arrays.

Everything in XML is text. Numbers and flags are read by JSON's grammar, so that a value is good
in one format exactly when it is good in the other; an empty element says nothing, as null does.
Ids, currencies, links, paths, numbers and flags are read without the blanks and the invisible
characters at their ends; a title and the like keep them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec
import pyarrow as pa

from feeds.invisible import stripped
from feeds.product import category_path, columns
from feeds.product.record import Amount, Count
from feeds.product.xml_layout import Layout, Row

T = TypeVar("T")

_LONGEST_ID: Final = 200
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

    def words(self, slot: str) -> list[str]:
        """Return texts that neither begin nor end with a blank, such as ids."""
        return _words(self.strings(slot))

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
        ids = self.words(slot)
        if not all(ids) or max(map(len, ids), default=0) > _LONGEST_ID:
            raise msgspec.ValidationError(f"Expected a product id - at `$.{slot}`")
        return pa.array(ids, pa.string())

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
        return columns.families(_words(one) if one else None for one in self.members(slot))

    def paths(self, slot: str) -> pa.Array:
        """Return category paths, whichever way they are written."""
        return columns.texts(category_path.all_joined(self.words(slot)))

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
        said = (_words(self._cells[f"{name}/currency"]) for name in names)
        return columns.currencies(zip(*said, strict=True))


def shared_columns(cells: Cells) -> dict[str, pa.Array]:
    """Return the columns that both API versions spell alike."""
    return {
        "product_id": cells.ids("productId"),
        "title": cells.texts("title"),
        "description": cells.texts("productDescription"),
        "brand": cells.texts("productBrand"),
        "product_url": columns.product_urls(cells.words("productUrl")),
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

    def __init__(self, kind: Any, noun: str) -> None:
        self._decode: Callable[[str], list[T | None]]
        self._decode = msgspec.json.Decoder(list[kind | None]).decode
        self._noun = noun

    def read(self, texts: Sequence[str], slot: str) -> list[T | None]:
        values = self._values(texts)
        if len(values) != len(texts):
            values = self._values(_words(texts))
        if len(values) != len(texts):
            found = repr(next(filter(None, texts), ""))[:100]
            where = slot.replace("/", ".")
            raise msgspec.ValidationError(f"Expected {self._noun}, got {found} - at `$.{where}`")
        return values

    def _values(self, texts: Sequence[str]) -> list[T | None]:
        try:
            return self._decode(f"[{','.join(_spelled(texts))}]")
        except msgspec.DecodeError:
            return []


_amounts = _Values[float](Amount, "an amount")
_counts = _Values[float](Count, "a count")
_numbers = _Values[float](float, "a number")
_flags = _Values[bool](bool, "true or false")


def _unwrapped(chunk: str, inner: str) -> str:
    if f"<{inner}>" not in chunk:
        return chunk
    return chunk.replace(f"<{inner}>", "").replace(f"</{inner}>", "")


def _words(texts: Sequence[str]) -> list[str]:
    return [text if _is_bare(text) else stripped(text) for text in texts]


def _is_bare(text: str) -> bool:
    """Tell at small cost of most texts that there is nothing to strip."""
    return text.isascii() and text[:1].isalnum() and text[-1:].isalnum()


def _pairs(chunk: str) -> dict[str, str]:
    pairs = _entries(chunk)
    if "&" in chunk:
        pairs = [(unescape(key), unescape(value)) for key, value in pairs]
    if chunk.isascii() and len(chunk.split(None, 1)) == 1:
        return dict(pairs)
    return {stripped(key): stripped(value) for key, value in pairs}


def _spelled(texts: Sequence[str]) -> list[str]:
    return [text or "null" for text in texts]


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    character = chr(number) if number <= sys.maxunicode else "\ufffd"
    # The named references are resolved next, and no text must look like one.
    return "&amp;" if character == "&" else character
