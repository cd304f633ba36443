"""What the lake remembers of refreshes: what each did, and what that says for the next.

`refreshes` has a row for every job of a run, `category_versions` one for every version mirrored.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import duckdb
import msgspec

from storage.statements import statement
from storage.transaction import transaction


class RefreshRow(msgspec.Struct, frozen=True):
    """A row of `refreshes`; the fields are its columns, in order."""

    refresh_id: str
    run_id: str
    category: str
    feed: str
    mode: str
    status: str
    from_version: int | None
    to_version: int | None
    started_at: datetime
    finished_at: datetime
    page_count: int = 0
    seen_count: int = 0
    new_count: int = 0
    changed_count: int = 0
    delisted_count: int = 0
    rejected_count: int = 0
    error: str | None = None


def new_id() -> str:
    """Return an id that sorts by time, such as `20261121T221500-5f3a9c1e`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def record_refreshes(connection: duckdb.DuckDBPyConnection, rows: Sequence[RefreshRow]) -> None:
    """Record refreshes that merged nothing, skipped or failed, in one transaction."""
    if not rows:
        return
    failed = sum(row.status == "failed" for row in rows)
    message = f"record {len(rows) - failed} skipped and {failed} failed refreshes"
    with transaction(connection):
        insert_refreshes(connection, rows)
        name_commit(connection, message, rows[0].run_id)


def insert_refreshes(connection: duckdb.DuckDBPyConnection, rows: Sequence[RefreshRow]) -> None:
    """Write rows of `refreshes`, within the caller's transaction.

    None begins after it ends, though the clock was set back between the two.
    """
    ordered = [
        msgspec.structs.replace(row, started_at=min(row.started_at, row.finished_at))
        for row in rows
    ]
    marks = ", ".join("?" * len(RefreshRow.__struct_fields__))
    connection.executemany(
        f"INSERT INTO refreshes VALUES ({marks})", [msgspec.structs.astuple(row) for row in ordered]
    )


def name_commit(connection: duckdb.DuckDBPyConnection, message: str, refresh_id: str) -> None:
    """Say in the lake's log what this transaction is, and which refresh or run made it."""
    connection.execute(
        "CALL lake.set_commit_message('feedlake', ?, extra_info => ?)",
        [message, msgspec.json.encode({"refresh_id": refresh_id}).decode()],
    )


def after_last(
    connection: duckdb.DuckDBPyConnection, category: str, now: datetime, *, forgets: bool = False
) -> datetime:
    """Return when a refresh of a category ends, which is mostly now.

    Where the clock was set back, it ends just after the category was last put back or removed.

    Args:
        connection: the lake.
        category: the category's name.
        now: the present, UTC.
        forgets: whether the category's version may be forgotten: then also after it was mirrored.
    """
    values = [now, category, forgets, category]
    row = connection.execute(statement("merge/after_last"), values).fetchone()
    if row is None:
        raise AssertionError("an aggregate answers one row")
    moment: datetime = row[0]
    return moment


def merged_refreshes(connection: duckdb.DuckDBPyConnection, refresh_ids: Iterable[str]) -> set[str]:
    """Return those of the refreshes that are in the lake."""
    found = connection.execute(
        "SELECT refresh_id FROM refreshes WHERE list_contains(?, refresh_id)", [list(refresh_ids)]
    )
    return {row[0] for row in found.fetchall()}


def expected_pages(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Return how many pages the last walk of each feed and category had."""
    found = connection.execute(
        "SELECT feed, category, arg_max(page_count, finished_at) FROM refreshes "
        "WHERE page_count > 0 GROUP BY feed, category"
    )
    return {(feed, category): pages for feed, category, pages in found.fetchall()}


def known_at(connection: duckdb.DuckDBPyConnection, category: str) -> datetime | None:
    """Return as of when the mirror's own walks know a category; None where there was none.

    One that was shown only what is in stock, or took a few records again, knows nothing of the
    rest. One that began after now was stamped by a wrong clock.
    """
    row = connection.execute(
        "SELECT max(started_at) FROM refreshes "
        "WHERE category = ? AND feed = 'product' AND status = 'done' "
        "AND mode NOT IN ('in_stock', 'replay', 'unlisted') AND started_at <= ?",
        [category, datetime.now(UTC)],
    ).fetchone()
    return row[0] if row else None


def latest_moment(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """Return the last moment that the lake can know of; a time after it is a wrong one.

    That is now, or the end of its last refresh where the clock was set back since.
    """
    row = connection.execute("SELECT max(finished_at) FROM refreshes").fetchone()
    return max(now, row[0]) if row and row[0] else now


def dumped_at(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """Return the date of the newest dump merged, by category.

    A date that is not before its refresh is none: it was believed of a wrong clock by an earlier
    release, or nobody could tell it.
    """
    found = connection.execute(
        "SELECT category, max(fetched_at) FROM walk_pages JOIN refreshes USING (refresh_id) "
        "WHERE feed = 'dump' AND status = 'done' AND fetched_at < started_at GROUP BY category"
    )
    return dict(found.fetchall())
