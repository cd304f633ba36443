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
