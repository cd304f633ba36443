"""Rows whose quotes are not doubled: how they can be read, and whether in one way only.

A field is plain where it has no quote or its quotes are doubled, and misquoted where it has
quotes of its own that are not. Of all ways to cut a row at its commas into fields that fit their
columns, the one with the fewest misquoted fields is taken, if it is the only one. Prices, flags
and links hold the columns between them in place, so one way is the rule; two are as bad as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PLAIN_FIELD = r'(?:[^",\r\n]*|"(?:[^"]|"")*")'
"""A field as it should be; for Polars and for Python."""

_QUOTE = '"'
_MOST_SPANNED = 2**26
_MOST_COMMAS = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How a row can be read.

    Attributes:
        fields: one for each column, without the quotes around them.
        misquoted_count: how many of them are misquoted.
        ways: how many ways with as few misquoted fields there are.
    """

    fields: tuple[str, ...]
    misquoted_count: int
    ways: int


@dataclass(frozen=True, slots=True)
class _Span:
    """A field that starts at some comma: where it ends, and what it says."""

    end: int
    value: str
    is_misquoted: bool


def best_reading(text: str, columns: Sequence[re.Pattern[str] | None]) -> Reading | None:
    """Return the reading of a row with the fewest misquoted fields.

    Args:
        text: the row, without the end of its last line.
        columns: what each field must match; None for any text.

    Returns:
        None where no reading fits the columns, or there are too many to look at.
    """
    commas = [-1, *(found.start() for found in re.finditer(",", text)), len(text)]
    if len(commas) > _MOST_COMMAS or _span_count(text, commas) * len(text) > _MOST_SPANNED:
        return None
    spans = [list(_spans(text, commas, start)) for start in range(len(commas) - 1)]
    reached = {0: Reading((), 0, 1)}
    for pattern in columns:
        following: dict[int, Reading] = {}
        for start, before in reached.items():
            for span in spans[start] if start < len(spans) else ():
                if pattern is None or pattern.fullmatch(span.value):
                    _keep_better(following, span.end, _longer(before, span))
        reached = following
    return reached.get(len(spans))


def _longer(before: Reading, span: _Span) -> Reading:
    return Reading(
        (*before.fields, span.value), before.misquoted_count + span.is_misquoted, before.ways
    )


def _keep_better(readings: dict[int, Reading], end: int, found: Reading) -> None:
    known = readings.get(end)
    if known is None or found.misquoted_count < known.misquoted_count:
        readings[end] = found
    elif found.misquoted_count == known.misquoted_count:
        readings[end] = Reading(known.fields, known.misquoted_count, known.ways + found.ways)


def _spans(text: str, commas: Sequence[int], start: int) -> Iterator[_Span]:
    """Yield every field that can begin after a comma."""
    first = commas[start] + 1
    single = text[first : commas[start + 1]]
    if not single.startswith(_QUOTE):
        # A blank before a quote continues a sentence: the comma before it is no separator.
        is_misquoted = _QUOTE in single
        if not (is_misquoted and single[0].isspace()) and not re.search(r"[\r\n]", single):
            yield _Span(start + 1, single, is_misquoted)
        return
    for end in range(start + 1, len(commas)):
        last = commas[end]
        if last > first + 1 and text[last - 1] == _QUOTE:
            inner = text[first + 1 : last - 1]
            is_misquoted = _QUOTE in inner.replace(_QUOTE * 2, "")
            value = inner if is_misquoted else inner.replace(_QUOTE * 2, _QUOTE)
            yield _Span(end, value, is_misquoted)


def _span_count(text: str, commas: Sequence[int]) -> int:
    opening = sum(text.startswith(_QUOTE, comma + 1) for comma in commas[:-1])
    closing = sum(text[comma - 1 : comma] == _QUOTE for comma in commas[1:])
    return opening * closing
