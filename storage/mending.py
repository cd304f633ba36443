"""Repairing what an earlier release stored wrongly, as far as the lake itself tells what is right.

What the checks of `REPAIRABLE` find is put right in one transaction, as a new snapshot: an earlier
one still shows what stood there. No vendor is asked. Two rows of one product under two spellings of
its id become one, with the history of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from storage.checks import Outcome, check_rows
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import RefreshRow, insert_refreshes, name_commit, new_id
from storage.snapshots import newest_snapshot
from storage.statements import statement
from storage.transaction import transaction

REPAIRABLE = (
    "ids_are_clean",
    "links_are_nobodys",
    "currencies_are_clean",
    "times_are_past",
    "availability_follows_listings",
)
"""Checks whose rows are repaired without the vendor."""

_PRODUCTS = (
    "chosen",
    "history_after",
    "last_rows",
    "listings_after",
    "products_after",
)
_STANDINGS = (
    "standings",
    "history_of_standings",
    "listings_left",
    "products_standing",
)
_DATED = {
    "walk_pages": "fetched_at",
    "category_versions": "mirrored_at",
    "top_products": "observed_at",
    "top_books": "observed_at",
    "rejected_records": "rejected_at",
}
"""Times that a refresh wrote, by table."""

_BOUNDED = (
    ("settled_records", "rejected_at"),
    ("settled_records", "settled_at"),
    ("book_categories", "first_seen_at"),
    ("book_categories", "delisted_at"),
    ("refreshes", "started_at"),
)


@dataclass(frozen=True, slots=True)
class Mending:
    """What was repaired.

    Attributes:
        found: the checks that failed and could be repaired here, as they were before.
        snapshot: the lake's snapshot after it; the present one where nothing was repaired.
        merged_count: products that had rows under two spellings of their id or more.
        removed_count: rows of `products` that were removed, since what they had was no id.
        dump_categories: categories of dumps that were dated in the future. What such a dump
            overwrote is not known here.
    """

    found: Sequence[Outcome]
    snapshot: int
    merged_count: int = 0
    removed_count: int = 0
    dump_categories: Sequence[str] = ()


def mend_lake(folder: LakeFolder) -> Mending:
    """Repair in one transaction what can be, as the lake's only writer.

    Raises:
        LakeError: there is no lake, it is busy, or cannot be written to: nothing was changed.
    """
    folder.require()
    with open_for_writing(folder) as connection:
        outcomes = [check_rows(connection, name) for name in REPAIRABLE]
        found = [one for one in outcomes if not one.holds]
        if not found:
            return Mending(found, newest_snapshot(connection).number)
        with transaction(connection):
            counts = _mend(connection)
        return Mending(found, newest_snapshot(connection).number, *counts)


def _mend(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, list[str]]:
    repaired_at = datetime.now(UTC)
    refresh_id = new_id()
    connection.execute("SET VARIABLE repaired_at = ?", [repaired_at])
    connection.execute("SET VARIABLE refresh_id = ?", [refresh_id])
    for table in ("products", "price_history"):
        _do(connection, "currencies", table=table)
    for name in ("spellings", "refresh_times", *_PRODUCTS):
        _do(connection, name)
    (counts,) = connection.execute(statement("mend/counts")).fetchall()
    _rewrite(connection)
    for name in _STANDINGS:
        _do(connection, name)
    _do(connection, "links")
    _date(connection)
    row = _row(refresh_id, repaired_at)
    insert_refreshes(connection, [row])
    name_commit(connection, "repair what the checks found", refresh_id)
    merged, removed, dumps = counts
    return merged, removed, dumps


def _rewrite(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the rows of the chosen products anew."""
    _do(connection, "history_removed")
    _do(connection, "history_changed")
    for table, rows in (("product_categories", "listings"), ("products", "products")):
        _do(connection, "rows_removed", table=table)
        _do(connection, rows)
    for table in ("top_products", "top_books"):
        _do(connection, "ranks", table=table)


def _date(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the remaining times in the future back, those of refreshes last."""
    for table, column in (*_DATED.items(), ("refreshes", "finished_at")):
        _do(connection, "dated", table=table, column=column)
    for table, column in _BOUNDED:
        _do(connection, "bounded", table=table, column=column)


def _do(connection: duckdb.DuckDBPyConnection, name: str, **names: str) -> None:
    connection.execute(statement(f"mend/{name}", **names)).fetchall()


def _row(refresh_id: str, repaired_at: datetime) -> RefreshRow:
    return RefreshRow(
        refresh_id=refresh_id,
        run_id=refresh_id,
        category="lake",
        feed="repair",
        mode="repair",
        status="done",
        from_version=None,
        to_version=None,
        started_at=repaired_at,
        finished_at=repaired_at,
    )
