"""When a dump was made, by clocks that may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.dump.age import Age

ASKED = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEVER = datetime(1980, 1, 1, tzinfo=UTC)
FAR = datetime(2099, 12, 31, tzinfo=UTC)
UNKNOWN = Age(ASKED, datetime(2007, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("member", "modified", "dated_at"),
    [
        (ASKED - 3 * HOUR, ASKED - 3 * HOUR, ASKED - 3 * HOUR),
        (ASKED + 2.5 * HOUR, ASKED - 3 * HOUR, ASKED - 3 * HOUR),
        (ASKED - DAY, ASKED - 3 * HOUR, ASKED - DAY),
        (FAR, ASKED - 3 * HOUR, ASKED - 3 * HOUR),
        (NEVER, ASKED - 3 * HOUR, ASKED - 3 * HOUR),
        (None, ASKED - 3 * HOUR, ASKED - 3 * HOUR),
        (ASKED - DAY, ASKED + timedelta(seconds=20), ASKED - DAY),
        (None, ASKED + timedelta(seconds=20), ASKED),
        (ASKED + 5.5 * HOUR, ASKED + timedelta(seconds=20), ASKED),
    ],
)
def test_no_dump_is_newer_than_its_file(
    member: datetime | None, modified: datetime, dated_at: datetime
) -> None:
    """Nor than the moment when it was asked for; an earlier member is an earlier dump."""
    assert Age.of(member, modified, ASKED) == Age(dated_at, dated_at)


@pytest.mark.parametrize("modified", [None, NEVER, FAR, ASKED + HOUR])
@pytest.mark.parametrize(
    ("member", "dated_at"),
    [
        (ASKED - DAY, ASKED - DAY),
        (ASKED + 5.5 * HOUR, ASKED),
        (ASKED + 14 * HOUR, ASKED),
    ],
)
def test_a_member_alone_may_be_of_any_zone(
    member: datetime, dated_at: datetime, modified: datetime | None
) -> None:
    """Where `Last-Modified` tells nothing, its time may be up to 14 hours ahead of UTC."""
    age = Age.of(member, modified, ASKED)
    assert age == Age(dated_at, member - 14 * HOUR)
    assert age.made_after <= age.dated_at <= ASKED


@pytest.mark.parametrize("modified", [None, NEVER, FAR, ASKED + HOUR])
@pytest.mark.parametrize(
    "member", [None, NEVER, datetime(1980, 2, 1, tzinfo=UTC), ASKED + DAY, FAR]
)
def test_a_dump_of_no_day_is_older_than_everything(
    member: datetime | None, modified: datetime | None
) -> None:
    """It is dated by the request, and may have been made at any time before it."""
    assert Age.of(member, modified, ASKED) == UNKNOWN
