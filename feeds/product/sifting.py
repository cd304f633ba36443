"""Telling the bad records of a page from the good, where only the whole can be tried quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

T = TypeVar("T")


def misfits(
    records: Sequence[T], attempt: Callable[[Sequence[T]], object]
) -> Iterator[tuple[int, msgspec.ValidationError]]:
    """Yield the place of every record that does not fit, with why.

    A part that fits as a whole is not looked into, so that a few bad records among many cost a
    few attempts each.

    Args:
        records: what to try.
        attempt: raises `msgspec.ValidationError` where one of its records does not fit.
    """
    parts = [(0, len(records))]
    while parts:
        start, end = parts.pop()
        try:
            attempt(records[start:end])
        except msgspec.ValidationError as error:
            if end - start == 1:
                yield start, error
            else:
                middle = (start + end) // 2
                parts += [(middle, end), (start, middle)]
