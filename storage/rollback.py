"""Putting one category back to what it was, as a new snapshot.

Rows that the category's own feeds wrote last, its listings and its version go back together, so
that the next refresh asks for the changes since that version. What another category has said of a
shared product since is newer and stays. Nothing that was observed is forgotten: history keeps its
rows, and a product that came later is delisted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from storage.errors import CategoryMissingError, LakeUnreadableError, first_line
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import after_last, name_commit, new_id
from storage.snapshots import Snapshot, category_missing, find_snapshot
from storage.statements import statement
from storage.transaction import transaction

_COMPARISONS = ("listings_back", "listed", "touched", "products_back", "unchanged")


@dataclass(frozen=True, slots=True)
class Rollback:
    """What was put back.

    Attributes:
        category: its name.
        target: the snapshot that it is put back to.
        snapshot: the lake's snapshot after it.
        refresh_id: its row in `refreshes`; None where nothing had changed since.
        from_version: the version the category stood at; None where its feed has none.
        to_version: the version it stands at.
        changed_count: products whose row changed, returns included.
        delisted_count: products that left the catalogue.
        listing_count: listings in the category that changed.
    """

    category: str
    target: Snapshot
    snapshot: int
    refresh_id: str | None
    from_version: int | None
    to_version: int | None
    changed_count: int
    delisted_count: int
    listing_count: int


def roll_back(folder: LakeFolder, category: str, wanted: str) -> Rollback:
    """Put a category back in one transaction, as the lake's only writer.

    Args:
        folder: the lake.
        category: its name in the directory.
        wanted: the number of a snapshot, or a time, to put it back to.

    Raises:
        LakeError: there is no lake, it is busy, it keeps no such snapshot or had no such category
            then, or the transaction failed: nothing was changed.
    """
    folder.require()
    with open_for_writing(folder) as connection:
        try:
            with transaction(connection):
                target = find_snapshot(connection, wanted)
                rollback = _roll_back(connection, category, target)
        except duckdb.Error as error:
            raise LakeUnreadableError(
                f"{category} was not rolled back and nothing was changed ({first_line(error)}); "
                "see `feedlake verify`"
            ) from error
        (number,) = _one_row(connection, "SELECT id FROM lake.current_snapshot()")
    return replace(rollback, snapshot=number)


def _roll_back(connection: duckdb.DuckDBPyConnection, category: str, target: Snapshot) -> Rollback:
    refresh_id = new_id()
    _set(connection, category=category, target=target.number, refresh_id=refresh_id)
    now = datetime.now(UTC)
    finished_at = after_last(connection, category, now, forgets=True)
    _set(connection, merged_at=now, finished_at=finished_at)
    from_version, to_version = _versions(connection, category, target)
    for name in _COMPARISONS:
        connection.execute(statement(f"rollback/{name}"))
    changed, delisted, listings = _one_row(connection, statement("rollback/counts"))
    moves = from_version != to_version
    writes = {
        "rollback/history": changed or delisted,
        "rollback/products": changed or delisted,
        "rollback/listings": listings,
        "merge/version": moves,
        "rollback/refresh": changed or delisted or listings or moves,
    }
    _set(connection, version=to_version, from_version=from_version)
    _set(connection, changed_count=changed, delisted_count=delisted)
    wanted = [name for name, is_wanted in writes.items() if is_wanted]
    for name in wanted:
        connection.execute(statement(name))
    name_commit(connection, f"rollback {category} to snapshot {target.number}", refresh_id)
    return Rollback(
        category=category,
        target=target,
        snapshot=target.number,
        refresh_id=refresh_id if wanted else None,
        from_version=from_version,
        to_version=to_version,
        changed_count=changed,
        delisted_count=delisted,
        listing_count=listings,
    )


def _versions(
    connection: duckdb.DuckDBPyConnection, category: str, target: Snapshot
) -> tuple[int | None, int | None]:
    """Return the version the category stands at and the one it stood at.

    Raises:
        CategoryMissingError: it is not known, or was not mirrored then.
    """
    present, past, is_known, was_known = _one_row(connection, statement("rollback/versions"))
    if not is_known and present is None:
        raise category_missing(connection, category)
    was_mirrored = was_known if present is None else past is not None
    if not was_mirrored:
        raise CategoryMissingError(category, at=target.number)
    return present, past


def _set(connection: duckdb.DuckDBPyConnection, **values: object) -> None:
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    answer: tuple[Any, ...] = row
    return answer
