"""What only some products have: a book's details, and those of clothing and the like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from feeds.product.columns import without_nulls
from feeds.product.record import BooksInfo, LifeStyleInfo

_TEXTS = pa.list_(pa.string())
_BOOK = pa.struct(
    [
        ("language", pa.string()),
        ("binding", pa.string()),
        ("pages", pa.int32()),
        ("publisher", pa.string()),
        ("year", pa.int32()),
        ("authors", _TEXTS),
    ]
)
_LIFESTYLE = pa.struct([("sleeve", pa.string()), ("neck", pa.string()), ("ideal_for", _TEXTS)])
_TOO_LARGE = 2**31


def books(infos: Iterable[BooksInfo | None]) -> pa.Array:
    """Details of books; null where nothing in them says anything."""
    return pa.array([info and _book(info) for info in infos], _BOOK)


def lifestyles(infos: Iterable[LifeStyleInfo | None]) -> pa.Array:
    """Details of clothing and the like; null where nothing in them says anything."""
    return pa.array([info and _lifestyle(info) for info in infos], _LIFESTYLE)


def _book(info: BooksInfo) -> dict[str, Any] | None:
    pages, year = _whole_number(info.pages), _whole_number(info.year)
    if not (info.language or info.binding or info.publisher or info.authors or pages or year):
        return None
    return {
        "language": info.language or None,
        "binding": info.binding or None,
        "pages": pages,
        "publisher": info.publisher or None,
        "year": year,
        "authors": without_nulls(info.authors or ()),
    }


def _lifestyle(info: LifeStyleInfo) -> dict[str, Any] | None:
    if not (info.sleeve or info.neck or info.ideal_for):
        return None
    suited = [info.ideal_for] if isinstance(info.ideal_for, str) else info.ideal_for
    said = {
        "sleeve": _one_text(info.sleeve),
        "neck": _one_text(info.neck),
        "ideal_for": without_nulls(suited or ()),
    }
    return said if any(said.values()) else None


def _whole_number(value: float | str | None) -> int | None:
    """Return a count above 0, or None for 0, null and text that is no whole number."""
    if not value or value == "0":
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() and 0 < number < _TOO_LARGE else None


def _one_text(value: str | Sequence[str | None] | None) -> str | None:
    return (value if isinstance(value, str) else ", ".join(filter(None, value or ()))) or None
