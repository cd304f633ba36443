"""Which categories are due for a full walk because of their age.

A v1.1.0 delta may not tell at all what was deleted, so a category that only follows deltas could
list deleted products for ever. `FEEDLAKE_FULL_EVERY` is the age at which its full walk is due.

Categories that were all walked on one day are not all due on one day. They are put in the order of
their age, the oldest first, and each is weighed by the pages of its last full walk. A category with
a share `s` of the catalogue's pages before it may be as old as `FULL_EVERY * (1 - s)`. While one of
them is older than that, the oldest of all is due. So the part of the catalogue that is walked in a
run is the part of FULL_EVERY that passed since the run before. With 7 days, a daily run walks a
seventh of the catalogue, an hourly run walks nothing or one category, and a monthly run walks
everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import inf

from storage.standing import Standing

_FIRST_TRIES = 2
"""Runs in a row that try a full walk that fails; after that it is tried once in a seventh of
FULL_EVERY."""
_TRIES_EACH = 7


def due_for_full(
    standings: Iterable[Standing], every: timedelta | None, now: datetime | None = None
) -> dict[str, Standing]:
    """Return the categories whose full walk is due by its age, by name, the oldest first.

    Args:
        standings: every mirrored category that the directory lists.
        every: the age at which a full walk is due; None for never.
        now: the present, UTC; None for the clock's.
    """
    moment = now or datetime.now(UTC)
    ordered = sorted(standings, key=lambda one: (-_age(one, moment), one.category))
    if not every or not ordered:
        return {}
    late = ordered[: _late_count(ordered, every, moment)]
    return {one.category: one for one in late if not _waits(one, every, moment)}


def _late_count(ordered: list[Standing], every: timedelta, now: datetime) -> int:
    """Return how many of the oldest are to be walked until no category is older than it may be."""
    before = list(accumulate((one.full_page_count or 1 for one in ordered), initial=0))
    total = before.pop()
    # The pages before a category that must be walked until it is no older than it may be.
    needed = [
        pages - total * (1 - _age(one, now) / every.total_seconds())
        for one, pages in zip(ordered, before, strict=True)
    ]
    most_needed = list(accumulate(reversed(needed), max))[::-1]
    return sum(pages < most for pages, most in zip(before, most_needed, strict=True))


def _age(one: Standing, now: datetime) -> float:
    """Return the age of its last full walk in seconds."""
    return inf if one.last_full_at is None else (now - one.last_full_at).total_seconds()


def _waits(one: Standing, every: timedelta, now: datetime) -> bool:
    """Tell whether its full walk failed in some runs and is not to be tried again yet."""
    if one.failed_full_count < _FIRST_TRIES or one.failed_full_at is None:
        return False
    return now - one.failed_full_at < every / _TRIES_EACH
