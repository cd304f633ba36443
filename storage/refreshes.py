"""What the lake remembers of refreshes: what each did, and what that says for the next.

`refreshes` has a row for every job of a run, `category_versions` one for every version mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import duckdb
import msgspec

from storage.statements import statement


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


def record_refreshes(connection: duckdb.DuckDBPyConnection, rows: Sequence[RefreshRow]) -> None:
    """Record refreshes that merged nothing, skipped or failed, in one transaction."""
    if not rows:
        return
    connection.execute("BEGIN")
    insert_refreshes(connection, rows)
    failed = sum(row.status == "failed" for row in rows)
    message = f"record {len(rows) - failed} skipped and {failed} failed refreshes"
    name_commit(connection, message, rows[0].run_id)
    connection.execute("COMMIT")


def insert_refreshes(connection: duckdb.DuckDBPyConnection, rows: Sequence[RefreshRow]) -> None:
    """Write rows of `refreshes`, within the caller's transaction."""
    marks = ", ".join("?" * len(RefreshRow.__struct_fields__))
    connection.executemany(
        f"INSERT INTO refreshes VALUES ({marks})", [msgspec.structs.astuple(row) for row in rows]
    )


def name_commit(connection: duckdb.DuckDBPyConnection, message: str, refresh_id: str) -> None:
    """Say in the lake's log what this transaction is, and which refresh or run made it."""
    connection.execute(
        "CALL lake.set_commit_message('feedlake', ?, extra_info => ?)",
        [message, msgspec.json.encode({"refresh_id": refresh_id}).decode()],
    )


def after_last_merge(connection: duckdb.DuckDBPyConnection) -> datetime:
    """Return now, or just after the last merge where the clock was set back."""
    row = connection.execute(statement("merge/after_last"), [datetime.now(UTC)]).fetchone()
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
    rest.
    """
    row = connection.execute(
        "SELECT max(started_at) FROM refreshes "
        "WHERE category = ? AND feed = 'product' AND status = 'done' "
        "AND mode NOT IN ('in_stock', 'replay', 'unlisted')",
        [category],
    ).fetchone()
    return row[0] if row else None


def dumped_at(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """Return the date of the newest dump merged, by category."""
    found = connection.execute(
        "SELECT category, max(fetched_at) FROM walk_pages JOIN refreshes USING (refresh_id) "
        "WHERE feed = 'dump' AND status = 'done' GROUP BY category"
    )
    return dict(found.fetchall())
