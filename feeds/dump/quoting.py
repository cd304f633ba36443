"""Rows whose quotes are not doubled: whether they can be read in one way, and which.

A row is cut at its commas into fields that fit their columns. A field that begins with a quote
ends with one, and may hold commas and any quotes; one that does not begin with a quote holds no
comma. Prices, flags and links hold the columns between them in place, so one way is the rule;
where there are two, neither is certain, and the row is not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_QUOTE = '"'
_MOST_SPANNED = 2**26
_MOST_COMMAS = 2_000


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the row's first columns can be read: in one of the ways, and how many ways there are."""

    fields: tuple[str, ...]
    ways: int


class _Span(NamedTuple):
    """A field that begins after some comma: before which comma it ends, and what it says."""

    end: int
    value: str


def only_reading(text: str, columns: Sequence[re.Pattern[str] | None]) -> tuple[str, ...] | None:
    """Return the fields of a row, without the quotes around them.

    Args:
        text: the row, without the end of its last line.
        columns: what each field must match; None for any text.

    Returns:
        None where no reading fits the columns, or several do, or there are too many to look at.
    """
    commas = [-1, *(found.start() for found in re.finditer(",", text)), len(text)]
    if len(commas) > _MOST_COMMAS or _span_count(text, commas) * len(text) > _MOST_SPANNED:
        return None
    spans = [list(_spans(text, commas, start)) for start in range(len(commas) - 1)]
    reached = {0: _Reading((), 1)}
    for pattern in columns:
        following: dict[int, _Reading] = {}
        for start, before in reached.items():
            for end, value in spans[start] if start < len(spans) else ():
                if pattern is None or pattern.fullmatch(value):
                    known = following.get(end)
                    ways = before.ways + (known.ways if known else 0)
                    following[end] = _Reading((*before.fields, value), ways)
        reached = following
    reading = reached.get(len(spans))
    return reading.fields if reading and reading.ways == 1 else None


def _spans(text: str, commas: Sequence[int], start: int) -> Iterator[_Span]:
    """Yield every field that can begin after a comma."""
    first = commas[start] + 1
    single = text[first : commas[start + 1]]
    if not single.startswith(_QUOTE):
        # A blank before a quote continues a sentence: the comma before it is no separator.
        continues = _QUOTE in single and single[0].isspace()
        if not continues and not re.search(r"[\r\n]", single):
            yield _Span(start + 1, single)
        return
    for end in range(start + 1, len(commas)):
        last = commas[end]
        if last > first + 1 and text[last - 1] == _QUOTE:
            inner = text[first + 1 : last - 1]
            is_doubled = _QUOTE not in inner.replace(_QUOTE * 2, "")
            yield _Span(end, inner.replace(_QUOTE * 2, _QUOTE) if is_doubled else inner)


def _span_count(text: str, commas: Sequence[int]) -> int:
    opening = sum(text.startswith(_QUOTE, comma + 1) for comma in commas[:-1])
    closing = sum(text[comma - 1 : comma] == _QUOTE for comma in commas[1:])
    return opening * closing
