"""Taking a category out of the mirror, as a new snapshot.

Its products leave it as they would by a full walk that met none of them: one that another category
lists stays available, the others are delisted, and no row is deleted. Its version is forgotten, so
that the category is walked in full if it comes back. `storage.rollback` undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from storage.errors import LakeUnwritableError
from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.refreshes import RefreshRow, after_last, insert_refreshes, name_commit, new_id
from storage.snapshots import category_missing, newest_snapshot
from storage.staging import Staging
from storage.standing import read_standings
from storage.statements import statement
from storage.transaction import transaction


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal does, or did.

    Attributes:
        category: its name.
        snapshot: the lake's snapshot: before the removal where it is foretold, else after it.
        was_removed: whether it was out of the mirror already; then nothing is done.
        version: the version it stands at; None for none.
        delisted_count: products that leave the catalogue.
        shared_count: products that stay, since another category lists them.
        unlisted_at: since when the directory no longer lists it; None while it does, as far as the
            lake knows.
        refresh_id: its row in `refreshes`; None where nothing is written.
    """

    category: str
    snapshot: int
    was_removed: bool
    version: int | None
    delisted_count: int
    shared_count: int
    unlisted_at: datetime | None
    refresh_id: str | None = None


def foretell_removal(folder: LakeFolder, category: str) -> Removal:
    """Return what a removal would do; nothing is written.

    Raises:
        LakeError: there is no lake, or it cannot be read, or has no such category.
    """
    with open_for_reading(folder) as connection, transaction(connection):
        return _foretell(connection, category)


def remove_category(folder: LakeFolder, category: str) -> Removal:
    """Take a category out in one transaction, as the lake's only writer.

    What is staged of it is forgotten, whatever the feed.

    Raises:
        LakeError: there is no lake, it is busy, has no such category, or cannot be written to:
            nothing was changed.
    """
    folder.require()
    with open_for_writing(folder) as connection:
        try:
            with transaction(connection):
                removal = _foretell(connection, category)
                if removal.was_removed:
                    return removal
                removal = _remove(connection, removal)
        except duckdb.Error as error:
            raise LakeUnwritableError(folder.root, error) from error
        for root in (folder.staging, folder.comparing):
            Staging(root).discard_category(category)
        return replace(removal, snapshot=newest_snapshot(connection).number)


def _foretell(connection: duckdb.DuckDBPyConnection, category: str) -> Removal:
    connection.execute("SET VARIABLE category = ?", [category])
    is_known, was_removed = _one_row(connection, "remove/category")
    if not is_known:
        raise category_missing(connection, category)
    connection.execute(statement("remove/departures"))
    delisted, shared = _one_row(connection, "remove/counts")
    standing = read_standings(connection).get(category)
    return Removal(
        category=category,
        snapshot=newest_snapshot(connection).number,
        # A dump that came later may have brought products back.
        was_removed=was_removed and not delisted + shared,
        version=standing.version if standing else None,
        delisted_count=delisted,
        shared_count=shared,
        unlisted_at=standing.unlisted_at if standing else None,
    )


def _remove(connection: duckdb.DuckDBPyConnection, removal: Removal) -> Removal:
    refresh_id = new_id()
    now = datetime.now(UTC)
    removed_at = after_last(connection, removal.category, now, forgets=True)
    values = {
        "refresh_id": refresh_id,
        "feed": "remove",
        "version": None,
        "merged_at": now,
        "departs_from": removal.category,
    }
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    writes: dict[str, Any] = {
        "history_of_departures": removal.delisted_count,
        "delisted_products": removal.delisted_count,
        "members_departed": removal.delisted_count + removal.shared_count,
    }
    for name, is_wanted in writes.items():
        if is_wanted:
            connection.execute(statement(f"merge/{name}"))
    insert_refreshes(connection, [_row(removal, refresh_id, removed_at)])
    name_commit(connection, f"remove {removal.category}", refresh_id)
    return replace(removal, refresh_id=refresh_id)


def _row(removal: Removal, refresh_id: str, removed_at: datetime) -> RefreshRow:
    return RefreshRow(
        refresh_id=refresh_id,
        run_id=refresh_id,
        category=removal.category,
        feed="product",
        mode="remove",
        status="done",
        from_version=removal.version,
        to_version=None,
        started_at=removed_at,
        finished_at=removed_at,
        delisted_count=removal.delisted_count,
    )


def _one_row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[Any, ...]:
    (row,) = connection.execute(statement(name)).fetchall()
    answer: tuple[Any, ...] = row
    return answer
