"""When a dump was made, as far as clocks that are not ours can tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

_VENDOR_BEGAN = datetime(2007, 1, 1, tzinfo=UTC)
"""Flipkart was founded in 2007: an earlier time, such as the zip format's 1980, stands for none."""

_LARGEST_OFFSET = timedelta(hours=14)
"""No time zone is further ahead of UTC."""

_SLACK = timedelta(minutes=5)
"""Two clocks that are right differ by less; a file made on request is a little newer than it."""


@dataclass(frozen=True, slots=True)
class Age:
    """When a dump was made.

    Attributes:
        dated_at: the best that is known, UTC; never after the moment when it was asked for.
        made_after: the earliest moment that it may be of, UTC. Only what the mirror knows from
            before may be overwritten.
    """

    dated_at: datetime
    made_after: datetime

    @classmethod
    def of(cls, member: datetime | None, modified: datetime | None, asked: datetime) -> Self:
        """Tell it from what is said of the dump.

        Args:
            member: the time of the zip's member, which names no time zone, taken as UTC; None for
                none.
            modified: the answer's `Last-Modified`; None for none.
            asked: when this machine asked for it.
        """
        if modified and _VENDOR_BEGAN <= modified <= asked + _SLACK:
            dated_at = min(_past([member, modified, asked]))
            return cls(dated_at, dated_at)
        if member and _VENDOR_BEGAN <= member <= asked + _LARGEST_OFFSET:
            return cls(min(member, asked), member - _LARGEST_OFFSET)
        return cls(asked, _VENDOR_BEGAN)


def _past(moments: Iterable[datetime | None]) -> list[datetime]:
    return [one for one in moments if one and one >= _VENDOR_BEGAN]
