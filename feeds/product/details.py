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
_TOO_LARGE = 2**31
_Lifestyle = tuple[str | None, str | None, list[str] | None]

_NOTHING: _Lifestyle = (None, None, None)
_NO_COLUMNS = ((), (), ())


def books(infos: Iterable[BooksInfo | None]) -> pa.Array:
    """Details of books; null where nothing in them says anything."""
    return pa.array([info and _book(info) for info in infos], _BOOK)


def lifestyles(infos: Iterable[LifeStyleInfo | None]) -> pa.Array:
    """Details of clothing and the like; null where nothing in them says anything."""
    said = [_lifestyle(info) if info else _NOTHING for info in infos]
    sleeves, necks, suited = zip(*said, strict=True) if said else _NO_COLUMNS
    return pa.StructArray.from_arrays(
        [pa.array(sleeves, pa.string()), pa.array(necks, pa.string()), pa.array(suited, _TEXTS)],
        ["sleeve", "neck", "ideal_for"],
        mask=pa.array([one == _NOTHING for one in said], pa.bool_()),
    )


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


def _lifestyle(info: LifeStyleInfo) -> _Lifestyle:
    if not (info.sleeve or info.neck or info.ideal_for):
        return _NOTHING
    suited = [info.ideal_for] if isinstance(info.ideal_for, str) else info.ideal_for
    return (
        _one_text(info.sleeve) if info.sleeve else None,
        _one_text(info.neck) if info.neck else None,
        without_nulls(suited) if suited else None,
    )


def _whole_number(value: float | str | None) -> int | None:
    """Return a count above 0, or None for 0, null and text that is no whole number."""
    if not value or value == "0":
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() and 0 < number < _TOO_LARGE else None


def _one_text(value: str | Sequence[str | None]) -> str | None:
    return value if isinstance(value, str) else ", ".join(filter(None, value)) or None
