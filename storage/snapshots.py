"""Which snapshot a person means: its number, or a time at which it was current."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from storage.errors import CategoryMissingError, NoSnapshotError
from storage.statements import statement


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of the lake that was committed.

    Attributes:
        number: rises by one with every commit.
        committed_at: when, UTC.
    """

    number: int
    committed_at: datetime


def find_snapshot(connection: duckdb.DuckDBPyConnection, wanted: str) -> Snapshot:
    """Return the snapshot with this number, or the one that was current at this time.

    Args:
        connection: the lake.
        wanted: a number, or a time that DuckDB reads, UTC where it names no zone.

    Raises:
        NoSnapshotError: the lake keeps none such.
    """
    by = "number" if wanted.isdecimal() else "time"
    connection.execute("SET VARIABLE wanted_snapshot = ?", [wanted])
    found = connection.execute(statement(f"snapshots/by_{by}")).fetchone()
    if found is None:
        kept = connection.execute(statement("snapshots/kept")).fetchone()
        raise NoSnapshotError(wanted, *(kept or (0, 0, "")))
    return Snapshot(*found)


def newest_snapshot(connection: duckdb.DuckDBPyConnection) -> Snapshot:
    """Return the current snapshot."""
    row = connection.execute(
        "SELECT snapshot_id, snapshot_time FROM lake.snapshots() ORDER BY snapshot_id DESC LIMIT 1"
    ).fetchone()
    return Snapshot(*(row or ()))


@dataclass(frozen=True, slots=True)
class State:
    """What one run left, or one commit that belongs to no run.

    Attributes:
        snapshot: the number of the run's last commit.
        committed_at: when that was, UTC.
        what: what was done.
        new_count: products seen for the first time; None where no feed was read.
        changed_count: known products whose row changed, likewise.
        delisted_count: products that left the catalogue, likewise.
    """

    snapshot: int
    committed_at: datetime
    what: str
    new_count: int | None
    changed_count: int | None
    delisted_count: int | None


def read_states(connection: duckdb.DuckDBPyConnection, limit: int) -> list[State]:
    """Return what the last runs left, the newest first.

    Args:
        connection: the lake.
        limit: the most to return.
    """
    connection.execute("SET VARIABLE row_limit = ?", [limit])
    return [State(*row) for row in connection.execute(statement("snapshots/runs")).fetchall()]


def require_category(connection: duckdb.DuckDBPyConnection, category: str) -> None:
    """Check that the lake has a category, or had it once.

    Raises:
        CategoryMissingError: it never had.
    """
    known = connection.execute(
        "SELECT count(*) FROM product_categories WHERE category = ?", [category]
    ).fetchone()
    if known == (0,):
        raise category_missing(connection, category)


def category_missing(connection: duckdb.DuckDBPyConnection, category: str) -> CategoryMissingError:
    """Return the error that names the categories which look most like this one."""
    connection.execute("SET VARIABLE category = ?", [category])
    found = connection.execute(statement("snapshots/nearest_categories"))
    return CategoryMissingError(category, nearest=[name for (name,) in found.fetchall()])
