"""Columns of the product schema, built a page at a time.

Lists go through Arrow with their offsets: building them value by value costs ten times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
import polars as pl
import pyarrow as pa

from feeds.product.schema import FRAME_SCHEMA, PRODUCT_SCHEMA, RECORD_NUMBER

_TEXTS = pa.list_(pa.string())
BOOK = pa.struct(
    [
        ("language", pa.string()),
        ("binding", pa.string()),
        ("pages", pa.int32()),
        ("publisher", pa.string()),
        ("year", pa.int32()),
        ("authors", _TEXTS),
    ]
)
LIFESTYLE = pa.struct([("sleeve", pa.string()), ("neck", pa.string()), ("ideal_for", _TEXTS)])
_MAP = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
_AFFILIATE = re.compile(r"([?&])affid=[^&#]*(&|(?=#)|$)")


def texts(values: Iterable[str | None]) -> pa.Array:
    """Texts; an empty one is null."""
    return pa.array([value or None for value in values], pa.string())


def lists(values: Iterable[Sequence[str | None] | None]) -> pa.Array:
    """Lists of texts, nulls dropped; an empty one is null."""
    return pa.array([_without_nulls(value) if value else None for value in values], _TEXTS)


def maps(values: Iterable[dict[str, str | None] | None]) -> pa.Array:
    """Maps of text to text in the order they came; an empty one is null."""
    return pa.array([list(value.items()) if value else None for value in values], _MAP)


def flags(values: Iterable[bool | None]) -> pa.Array:
    """True, false or null."""
    return pa.array(list(values), pa.bool_())


def numbers(values: Iterable[float | None]) -> pa.Array:
    """Floating-point numbers or null; amounts become decimals in the frame."""
    return pa.array(list(values), pa.float64())


def families(values: Iterable[list[str | None] | None]) -> pa.Array:
    """Product families, mended where they are a printed Java list cut at its commas."""
    return lists(
        java_parts(value) if value and (value[0] or "")[:1] == "[" else value for value in values
    )


def java_parts(parts: Iterable[str | None]) -> list[str]:
    """Return the members of `["[A", " B", " C]"]`: A, B and C."""
    return [text for part in parts if (text := (part or "").strip(" []"))]


def product_urls(values: Iterable[str | None]) -> pa.Array:
    """Links without the `affid` of whoever asked for them."""
    return pa.array(
        [_AFFILIATE.sub(_cut, value) if value else None for value in values], pa.string()
    )


def whole_number(value: float | str | None) -> int | None:
    """Return a count above 0, or None for 0, null and text that is no number."""
    try:
        number = int(value or 0)
    except ValueError:
        return None
    return number if 0 < number < 2**31 else None


def one_currency(currencies: Iterable[str | None]) -> str | None:
    """Return the currency that a record's prices share; null for no price.

    Raises:
        msgspec.ValidationError: there are two.
    """
    found = {currency for currency in currencies if currency}
    if len(found) > 1:
        raise msgspec.ValidationError(f"Two currencies, {sorted(found)} - at `$.currency`")
    return found.pop() if found else None


def frame(columns: dict[str, pa.Array], record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the page's typed frame; a column that the source does not carry is null."""
    table = pa.table({RECORD_NUMBER: pa.array(record_numbers, pa.int32()), **columns})
    made = pl.from_arrow(table, rechunk=False)
    if not isinstance(made, pl.DataFrame):
        raise TypeError("a table becomes a data frame")
    absent = [pl.lit(None).alias(name) for name in PRODUCT_SCHEMA if name not in columns]
    return made.with_columns(absent).select(
        pl.col(name).cast(kind) for name, kind in FRAME_SCHEMA.items()
    )


def _without_nulls(values: Sequence[str | None]) -> Sequence[str | None] | None:
    return values if None not in values else [one for one in values if one is not None] or None


def _cut(found: re.Match[str]) -> str:
    return found[1] if found[2] == "&" else ""
