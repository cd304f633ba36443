"""The quarantine: records that could not be taken, counted and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import msgspec

from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejected records are meant; all of them by default.

    Attributes:
        reasons: their reason codes; none for any.
        categories: names in the directory; none for any.
        feeds: the feeds they came in; none for any.
    """

    reasons: Sequence[str] = ()
    categories: Sequence[str] = ()
    feeds: Sequence[str] = ()


class Group(msgspec.Struct, frozen=True):
    """The rejected records of one reason, category and feed; the fields are its columns, in order.

    Attributes:
        product_count: distinct products among those that show an id.
        capped_count: records whose bytes were cut when they were kept: no replay can take them.
        overtaken_count: records whose products, or whose whole category, the mirror has read since.
    """

    reason: str
    category: str
    feed: str
    record_count: int
    product_count: int
    capped_count: int
    overtaken_count: int
    first_rejected_at: datetime
    last_rejected_at: datetime


class Rejected(msgspec.Struct, frozen=True):
    """One rejected record, as in `rejected_records`; the fields are its columns, in order."""

    reason: str
    detail: str
    product_id: str | None
    category: str
    feed: str
    record_source: str
    refresh_id: str
    page_number: int
    cursor: str
    record_number: int
    line: int | None
    rejected_at: datetime
    raw_byte_count: int
    is_capped: bool
    is_overtaken: bool
    raw: bytes


def read_groups(folder: LakeFolder, wanted: Wanted) -> list[Group]:
    """Return how many records are in quarantine, most first.

    Raises:
        LakeError: there is no lake, or it cannot be read.
    """
    with open_for_reading(folder) as connection:
        choose(connection, wanted)
        found = connection.execute(statement("quarantine/groups"))
        return [Group(*row) for row in found.fetchall()]


def read_records(folder: LakeFolder, wanted: Wanted, limit: int) -> list[Rejected]:
    """Return records in quarantine, the newest first.

    Args:
        folder: the lake.
        wanted: which.
        limit: how many at most.

    Raises:
        LakeError: there is no lake, or it cannot be read.
    """
    with open_for_reading(folder) as connection:
        choose(connection, wanted)
        found = connection.execute(statement("quarantine/records"), {"most": limit})
        return [Rejected(*row) for row in found.fetchall()]


def choose(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Make the temporary view `wanted` of the records that are meant."""
    chosen = {
        "wanted_reasons": wanted.reasons,
        "wanted_categories": wanted.categories,
        "wanted_feeds": wanted.feeds,
    }
    for name, values in chosen.items():
        connection.execute(f"SET VARIABLE {name} = ?::VARCHAR[]", [list(values)])
    connection.execute(statement("quarantine/wanted"))
