"""Upkeep: fewer and larger files, no snapshots beyond the kept days, nothing left lying about.

All of it is DuckLake's own. What a file held stays readable at every kept snapshot. A file that
nothing needs any more stays on disk for a grace period: a reader in another process that began
before it was replaced reads it to the end. The small rows that the catalogue holds itself have no
such grace: they go to files only while nobody reads, and that somebody has to promise.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from storage.errors import LakeInUseError, LakeUnreadableError, first_line
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import merged_refreshes
from storage.staging import Staging
from storage.statements import statement
from storage.transaction import transaction

GRACE = timedelta(days=1)
"""How long a file outlives its need: longer than any query runs."""

STALE_WALK = timedelta(days=7)
"""Age from which a walk that was not finished is walked anew anyway."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The size of a lake.

    Attributes:
        snapshot_count: snapshots that can be read.
        file_count: files that the current snapshot reads.
        byte_count: their size.
        stored_file_count: files in the data folder, those of older snapshots included.
        stored_byte_count: their size.
        staged_walk_count: walks in staging.
    """

    snapshot_count: int
    file_count: int
    byte_count: int
    stored_file_count: int
    stored_byte_count: int
    staged_walk_count: int


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What one upkeep did.

    Attributes:
        before: the lake's size before it.
        after: and after it.
        discarded_walk_count: staged walks that were merged already, or too old to go on with.
        expired_snapshot_count: snapshots older than the kept days.
        flushed_row_count: rows that went from the catalogue to files.
        rewritten_file_count: files that were written anew without their deleted rows.
        merged_file_count: small files that went into larger ones.
        removed_file_count: files removed from disk that no kept snapshot needs.
        orphan_count: files removed from disk that no commit named.
    """

    before: Figures
    after: Figures
    discarded_walk_count: int
    expired_snapshot_count: int
    flushed_row_count: int
    rewritten_file_count: int
    merged_file_count: int
    removed_file_count: int
    orphan_count: int


def maintain(folder: LakeFolder, keep: timedelta, *, alone: bool = False) -> Upkeep:
    """Do all upkeep, as the lake's only writer.

    Args:
        folder: the lake.
        keep: how far back snapshots stay readable; the current one always does.
        alone: whether nobody reads meanwhile: there is no grace period then, and the rows that
            the catalogue holds go to files.

    Raises:
        LakeError: there is no lake, it is busy, somebody reads although nobody should, or a step
            failed; the steps before it stand.
    """
    folder.require()
    if alone:
        check_nobody_reads(folder)
    with open_for_writing(folder) as connection:
        try:
            return _maintain(connection, folder, keep, alone=alone)
        except duckdb.Error as error:
            raise LakeUnreadableError(
                f"the upkeep of {folder.root} stopped ({first_line(error)}); nothing is lost: "
                "see `feedlake verify`"
            ) from error


def check_nobody_reads(folder: LakeFolder) -> None:
    """Check that no other process is inside a query or a transaction.

    Must run while this process has the catalogue open nowhere: SQLite's locks are the process's.
    A reader who may not write to the folder has a copy of the catalogue, and is not seen.

    Raises:
        LakeInUseError: one is.
    """
    with closing(sqlite3.connect(folder.catalog, timeout=0)) as catalog:
        try:
            catalog.execute("PRAGMA locking_mode = exclusive")
            with transaction(catalog, "IMMEDIATE"):
                pass
        except sqlite3.Error as error:
            # What else is wrong with the catalogue is found and named when it is opened.
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise LakeInUseError(folder.root) from error


def _maintain(
    connection: duckdb.DuckDBPyConnection, folder: LakeFolder, keep: timedelta, *, alone: bool
) -> Upkeep:
    now = datetime.now(UTC)
    before = _figures(connection, folder)
    _remove(_files(folder.staging / "spill"))
    for room in (folder.staging, folder.comparing):
        _remove(_stale_downloads(room, now - STALE_WALK))
    staging = Staging(folder.staging)
    staging.discard_merged(merged_refreshes(connection, staging.refresh_ids()))
    staging.discard_older(now - STALE_WALK)
    Staging(folder.comparing).discard_older(now - STALE_WALK)
    # Every thread would hold a row group of whole products in memory: some 1.5 GB each.
    connection.execute("SET threads = 1")
    connection.execute("SET VARIABLE kept_since = ?", [now - keep])
    connection.execute("SET VARIABLE unneeded_since = ?", [now if alone else now - GRACE])
    counts = {
        "expired_snapshot_count": _expire(connection),
        "flushed_row_count": _commit(connection, "flush_rows") if alone else 0,
        "rewritten_file_count": _rewrite(connection),
        "merged_file_count": _commit(connection, "merge_files"),
        "removed_file_count": _count(connection, "remove_files"),
        "orphan_count": _count(connection, "remove_orphans"),
    }
    after = _figures(connection, folder)
    walks = before.staged_walk_count - after.staged_walk_count
    return Upkeep(before=before, after=after, discarded_walk_count=walks, **counts)


def _remove(files: Iterable[Path]) -> None:
    """Remove what a killed process left; no other is at work."""
    for one in files:
        one.unlink()


def _stale_downloads(folder: Path, moment: datetime) -> list[Path]:
    """Return the dumps that were begun and not gone on with since."""
    return [one for one in folder.glob("dump-*") if one.stat().st_mtime < moment.timestamp()]


def _expire(connection: duckdb.DuckDBPyConnection) -> int:
    connection.execute(statement("upkeep/old_snapshots"))
    found = connection.execute("SELECT len(getvariable('old_snapshots'))").fetchone()
    return _count(connection, "expire_snapshots") if found and found[0] else 0


def _rewrite(connection: duckdb.DuckDBPyConnection) -> int:
    count = 0
    for table, threshold in connection.execute(statement("upkeep/rewrite_plan")).fetchall():
        connection.execute("SET VARIABLE table_name = ?", [table])
        connection.execute("SET VARIABLE delete_threshold = ?", [threshold])
        count += _commit(connection, "rewrite_files")
    return count


def _commit(connection: duckdb.DuckDBPyConnection, step: str) -> int:
    """Do a step under its name, so that its snapshot says what it is."""
    with transaction(connection):
        name = step.replace("_", " ")
        connection.execute("CALL lake.set_commit_message('feedlake', ?)", [f"maintain: {name}"])
        return _count(connection, step)


def _count(connection: duckdb.DuckDBPyConnection, step: str) -> int:
    return int(_one_row(connection, step)[0])


def _one_row(connection: duckdb.DuckDBPyConnection, step: str) -> tuple[Any, ...]:
    # The whole answer is asked for: a step whose answer is left half read is undone.
    (row,) = connection.execute(statement(f"upkeep/{step}")).fetchall()
    answer: tuple[Any, ...] = row
    return answer


def _figures(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> Figures:
    stored = [one.stat().st_size for one in _files(folder.data)]
    walks = len(list(folder.staging.glob("walk-*")))
    snapshots, files, size = _one_row(connection, "figures")
    return Figures(snapshots, files, size, len(stored), sum(stored), walks)


def _files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]
