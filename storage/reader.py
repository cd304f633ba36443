"""The lake from Python: `from storage.reader import open_lake`.

with open_lake("lake") as lake:
drops = lake.sql("FROM price_drops(1) WHERE in_stock").pl()
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from storage.lake import LakeFolder, connect_for_reading

LAKE_VARIABLE = "FEEDLAKE_LAKE"


def open_lake(
    folder: Path | str | None = None, *, at: int | str | datetime | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection to a lake, read-only, in UTC, with its views and macros.

    `.sql(query)` gives a relation: `.pl()` makes a Polars frame of it, `.df()` one of pandas,
    `.to_arrow_table()` an Arrow table; frames of the caller's can be joined by their names. It is a
    context manager, and closes at its end or with `.close()`. A refresh may run meanwhile; between
    `BEGIN` and `COMMIT` every query sees the same state.

    Args:
        folder: the lake's folder; by default FEEDLAKE_LAKE, else `lake`.
        at: the lake as it was: a snapshot's number, or a time, UTC where it names no zone.

    Raises:
        LakeError: there is no lake, it cannot be read, or had no such snapshot.
    """
    root = Path(folder if folder is not None else os.environ.get(LAKE_VARIABLE, "lake"))
    if isinstance(at, datetime):
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    elif isinstance(at, str) and at.isdecimal():
        at = int(at)
    return connect_for_reading(LakeFolder(root), at)
