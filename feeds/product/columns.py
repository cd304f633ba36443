"""Columns of the product schema, built a page at a time.

Lists go through Arrow with their offsets: building them value by value costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from feeds.invisible import stripped
from feeds.product.schema import FRAME_SCHEMA, RECORD_NUMBER
from feeds.product.values import (
    AMOUNT,
    COUNT,
    FLAG,
    LONGEST_ID,
    NUMBER,
    Kind,
    clean_currency,
    clean_product_id,
)
from feeds.product_url import clean_product_url

T = TypeVar("T")

_TEXTS = pa.list_(pa.string())
_SHOWN = 60


def texts(values: Iterable[str | None]) -> pa.Array:
    """Texts; an empty one is null."""
    return pa.array([value or None for value in values], pa.string())


def lists(values: Iterable[Sequence[str | None] | None]) -> pa.Array:
    """Lists of texts, nulls dropped; an empty one is null."""
    return pa.array(
        [(without_nulls(value) if None in value else value) if value else None for value in values],
        _TEXTS,
    )


def without_nulls(values: Sequence[str | None]) -> list[str] | None:
    """Return a list without its nulls; null where nothing is left."""
    return [one for one in values if one is not None] or None


def maps(values: Iterable[Mapping[str, str | None] | None]) -> pa.Array:
    """Maps of text to text in the order they came; an empty one is null, as is an empty text."""
    keys: list[str] = []
    mapped: list[str | None] = []
    ends = [0]
    for value in values:
        if value:
            keys.extend(value)
            mapped.extend(value.values())
        ends.append(len(keys))
    entries = [pa.array(keys, pa.string()), texts(mapped)]
    return listed(pa.StructArray.from_arrays(entries, ["key", "value"]), ends)


def listed(members: pa.Array, ends: Sequence[int]) -> pa.Array:
    """Lists out of all their members: where the first begins, and where each ends."""
    # A null offset makes its list null, which is how an empty one is stored.
    starts = [None if start == end else start for start, end in pairwise(ends)]
    return pa.ListArray.from_arrays(pa.array([*starts, ends[-1]], pa.int32()), members)


def ids(values: Iterable[str | int]) -> pa.Array:
    """Product ids in their one form.

    Raises:
        msgspec.ValidationError: one is no id.
    """
    given: list[Any] = list(values)
    if not _are_plain(given) or max(map(len, given)) > LONGEST_ID:
        given = [_id(value) for value in given]
    return pa.array(given, pa.string())


def flags(values: Iterable[bool | str | None], where: str) -> pa.Array:
    """True, false or null.

    Raises:
        msgspec.ValidationError: one is no flag; the message names `where`.
    """
    return _typed(values, where, FLAG, pa.bool_())


def numbers(values: Iterable[float | str | None], where: str) -> pa.Array:
    """Floating-point numbers or null.

    Raises:
        msgspec.ValidationError: one is no number; the message names `where`.
    """
    return _typed(values, where, NUMBER, pa.float64())


def amounts(values: Iterable[float | str | None], where: str) -> pa.Array:
    """Amounts or null, as floating-point numbers; they become decimals in the frame.

    Raises:
        msgspec.ValidationError: one is no amount; the message names `where`.
    """
    return _typed(values, where, AMOUNT, pa.float64())


def counts(values: Iterable[float | str | None], where: str) -> pa.Array:
    """Whole numbers from 0 on, or null.

    Raises:
        msgspec.ValidationError: one is no such number; the message names `where`.
    """
    return _typed(values, where, COUNT, pa.float64())


def _typed(values: Iterable[T | str | None], where: str, kind: Kind[T], stored: Any) -> pa.Array:
    given = list(values)
    try:
        return pa.array(given, stored)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # one of them is spelled as a text
        return pa.array([kind.read(value, where) for value in given], stored)


def _id(value: str | int) -> str:
    product_id = clean_product_id(value)
    if product_id is None:
        raise msgspec.ValidationError(
            f"Expected a product id, got {ascii(value)[:_SHOWN]} - at `$.productId`"
        )
    return product_id


def families(values: Iterable[Sequence[Any] | None]) -> pa.Array:
    """Product families, mended where they are a printed Java list cut at its commas."""
    given = list(values)
    with suppress(pa.ArrowInvalid, pa.ArrowTypeError):  # raised where a member is a number
        made = lists(given)
        if pc.all(pc.ascii_is_alnum(made.flatten()), min_count=0).as_py():
            return made
    return lists(value if not value or _are_plain(value) else java_parts(value) for value in given)


def variants(values: Iterable[str | Sequence[str | int | None] | None]) -> pa.Array:
    """Ids of variants, printed as a Java list such as `[A, B]`."""
    return lists(
        java_parts(value.split(",") if isinstance(value, str) else value) if value else None
        for value in values
    )


def _are_plain(ids: Sequence[Any]) -> bool:
    """Tell at small cost of most ids that nothing in them needs a closer look."""
    try:
        joined = "".join(ids)
    except TypeError:  # a null or a number is among them
        return False
    return joined.isascii() and joined.isalnum() and "" not in ids


def java_parts(parts: Iterable[str | int | None]) -> list[str]:
    """Return the members of `["[A", " B", " C]"]`: A, B and C."""
    bare = [text for part in parts if part is not None and (text := str(part).strip(" []"))]
    if _are_plain(bare):
        return bare
    return [text for part in bare if (text := stripped(stripped(part).strip("[]")))]


def product_urls(values: Iterable[str | None]) -> pa.Array:
    """Links that are nobody's; see `feeds.product_url`."""
    return pa.array([clean_product_url(value) if value else None for value in values], pa.string())


def one_currency(prices: Iterable[str | None]) -> str | None:
    """Return the currency that a record's prices share; null for no price.

    Raises:
        msgspec.ValidationError: there are two.
    """
    found = {clean for currency in prices if (clean := clean_currency(currency))}
    if len(found) > 1:
        raise msgspec.ValidationError(f"Two currencies, {sorted(found)} - at `$.currency`")
    return found.pop() if found else None


def currencies(prices: Iterable[tuple[str | None, ...]]) -> pa.Array:
    """The currency that each row's prices share.

    Raises:
        msgspec.ValidationError: a row has two.
    """
    return pa.array(
        [
            clean_currency(row[0]) if row.count(row[0]) == len(row) else one_currency(row)
            for row in prices
        ],
        pa.string(),
    )


def frame(columns: dict[str, pa.Array], record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the page's typed frame; a column that the source does not carry is null."""
    made = {RECORD_NUMBER: pa.array(record_numbers, pa.int32()), **columns}
    return pl.DataFrame(
        [
            pl.Series(name, made[name]).cast(kind)
            if name in made
            else pl.Series(name, [None] * len(record_numbers), kind)
            for name, kind in FRAME_SCHEMA.items()
        ]
    )
