"""Merging a finished walk: everything it says, and the category's version, in one transaction.

The comparison with what the mirror knows goes to temporary tables first. A step that has nothing
to write is left out, so that a walk without news makes no data file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

import duckdb
import msgspec
import polars as pl

from storage.carried import OF_ITS_DAY
from storage.guard import Guards
from storage.refreshes import (
    RefreshRow,
    after_last,
    insert_refreshes,
    known_at,
    latest_moment,
    name_commit,
)
from storage.staging import StagedWalk, WalkPlan, page_frame
from storage.statements import statement
from storage.transaction import transaction


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from.

    Attributes:
        name: API version and format, such as `v1.1.0 json`.
        carried_by: the columns that the records of each source say something about, this one's
            among them: a page may hold records of another. Only these are overwritten.
    """

    name: str
    carried_by: Mapping[str, tuple[str, ...]]

    @property
    def carried(self) -> tuple[str, ...]:
        """The columns of this source's own records."""
        return self.carried_by[self.name]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a merge is about to write."""

    new: int
    changed: int
    delisted: int
    departed: int
    returned_members: int
    new_members: int
    filled: int
    overtaken: int
    ranks: int = 0
    known_nodes: int = 0
    new_nodes: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether everything is as it was."""
        return not any(astuple(self))


_WALK = ("winners", "changes", "arrivals", "unchanged", "listings", "departures", "members")
_LATE = ("winners", "late_winners", *_WALK[1:-1], "late_members")
_LATE_MODES = {"in_stock", "replay"}
"""Modes of which the records may be older than what the mirror knows, whatever the feed."""

_COMPARISONS = {
    "product": _WALK,
    "lookup": _WALK,
    "top": (*_WALK, "top_ranking", "ranking_news"),
    "books": (*_WALK, "books_ranking", "ranking_news", "tree_news"),
    "dump": (
        "winners",
        "dump_winners",
        "dump_changes",
        "arrivals",
        "unchanged",
        "dump_fills",
        "listings",
        "departures",
        "dump_members",
    ),
}

_OF_NO_CATEGORY = {"books", "lookup"}
"""Feeds of which a record is about its product, in whatever category that is listed."""

_RANKED = {
    "top": {"table": "top_products", "key": "category"},
    "books": {"table": "top_books", "key": "code"},
}
"""Where the ranks of a feed are kept, and the column that names their list."""

_BY_SOURCE = {"unchanged", "history_of_arrivals", "changed_products"}
"""Statements that name the columns of one source and are run for each."""

_NOT_ASSIGNED = {'"product_id"', '"is_available"'}
"""Columns that are not simply taken from a record of a known product."""

_HISTORY = ("currency", "mrp", "selling_price", "special_price", "in_stock")
"""What history tells of a product besides whether it is listed."""


def commit_walk(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    tree: pl.DataFrame | None = None,
    guards: Guards | None = None,
    *,
    altered: str | None = None,
) -> RefreshRow:
    """Merge a complete walk and return its row of `refreshes`.

    A list in which nothing is new is not merged: its row says `skip` and is not recorded.

    Args:
        connection: the lake, open for writing.
        walk: its pages; the last one is the end of the chain.
        source: where its records come from.
        tree: the book categories with code, name, parent_code, depth and path; for books only.
        guards: what the merge may do without being asked.
        altered: a temporary table with the ids of products that are no longer what was merged,
            whatever their hash says.

    Raises:
        MergeRefusedError: the walk lost or rejected too much; nothing of it was merged.
        duckdb.Error: nothing of the walk was merged; a TransactionException says that another
            writer was in the way, and the same call may succeed.
    """
    plan = walk.plan
    if tree is not None:
        connection.register("book_tree", tree)
    with transaction(connection):
        row = merge_walk(connection, walk, source, guards, altered)
        if row.mode == "skip":
            return row
        message = f"refresh {plan.category} ({plan.mode})"
        if plan.feed not in {"product", plan.category}:
            message = f"refresh {plan.category} ({plan.feed} {plan.mode})"
        name_commit(connection, message, plan.refresh_id)
    return row


def merge_walk(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    guards: Guards | None = None,
    altered: str | None = None,
) -> RefreshRow:
    """Do the same within the caller's transaction, which must be undone on any error."""
    plan, merged_at = walk.plan, datetime.now(UTC)
    rejects = _until(merged_at, walk.rejects, "rejected_at")
    connection.register("rejects", rejects)
    connection.register("walk_steps", _until(merged_at, page_frame(walk.pages), "fetched_at"))
    chosen = f"SELECT product_id FROM {altered}" if altered else "SELECT NULL WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW altered AS {chosen}")
    finished_at = after_last(connection, plan.category, merged_at)
    _set_variables(connection, walk, merged_at, finished_at)
    lay_out(connection, walk)
    counts = _compare(connection, plan, source)
    row = _row(walk, counts, rejects.height, finished_at)
    _check(connection, row, counts, guards or Guards())
    if plan.mode == "list" and counts.is_nothing:
        return msgspec.structs.replace(row, mode="skip")
    moves = plan.to_version not in {None, plan.from_version}
    for name in _writes(counts, moves=moves, pages=row.page_count, rejects=rejects.height):
        _execute(connection, name, plan.feed, source)
    insert_refreshes(connection, [row])
    return row


def lay_out(connection: duckdb.DuckDBPyConnection, walk: StagedWalk) -> None:
    """Make the view `staged_records` of a walk's records, whose files a variable names."""
    name = "staged_records" if walk.page_files else "no_records"
    connection.execute(statement(f"merge/{name}"))


def _until(moment: datetime, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the rows with no time after the moment: the clock may have been set back since."""
    return frame.with_columns(pl.col(column).clip(upper_bound=moment))


def _set_variables(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    merged_at: datetime,
    finished_at: datetime,
) -> None:
    plan = walk.plan
    values = {
        "refresh_id": plan.refresh_id,
        "category": plan.category,
        "feed": plan.feed,
        "mode": plan.mode,
        "version": plan.to_version,
        "started_at": plan.started_at,
        "page_source": plan.record_source,
        "header": plan.header,
        "merged_at": merged_at,
        "finished_at": finished_at,
        "latest": latest_moment(connection, merged_at),
        "made_after": plan.made_after,
        # Products leave the category that is walked. The records of others are of none.
        "departs_from": None if plan.feed in _OF_NO_CATEGORY else plan.category,
        # Only what may be older than the mirror is compared with when its own walks were.
        "category_known_at": known_at(connection, plan.category)
        if plan.mode in {"dump", "in_stock"}
        else None,
        "staged_pages": walk.page_files,
    }
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def _compare(connection: duckdb.DuckDBPyConnection, plan: WalkPlan, source: Source) -> Counts:
    feed = plan.feed
    is_late = plan.mode in _LATE_MODES
    for name in _LATE if is_late else _COMPARISONS[feed]:
        if name != "unchanged" or _one_row(connection, "merge/other_sources") != (0,):
            _execute(connection, name, feed, source)
    counts = _one_row(connection, "merge/counts")
    overtaken: tuple[int, ...] = (0,)
    if _one_row(connection, "merge/rejected_count") != (0,):
        _execute(connection, "overtaken", feed, source)
        overtaken = _one_row(connection, "merge/overtaken_count")
    is_list = not is_late and feed in _RANKED
    ranks = _one_row(connection, "merge/ranking_counts") if is_list else (0,)
    has_tree = is_list and feed == "books"
    nodes = _one_row(connection, "merge/tree_counts") if has_tree else (0, 0)
    return Counts(*counts, *overtaken, *ranks, *nodes)


def _check(
    connection: duckdb.DuckDBPyConnection, row: RefreshRow, counts: Counts, guards: Guards
) -> None:
    guards.check_rejects(row.category, row.rejected_count, row.seen_count)
    if row.mode == "full" and counts.departed:
        (listed,) = _one_row(connection, "merge/listed_count")
        guards.check_loss(row.category, counts.departed, listed, row.seen_count)


def _one_row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, ...]:
    row: tuple[int, ...] | None = connection.execute(statement(name)).fetchone()
    if row is None:
        raise AssertionError(f"{name} answers one row")
    return row


def _writes(counts: Counts, *, moves: bool, pages: int, rejects: int) -> list[str]:
    """Return the statements that have something to write, in order."""
    wanted = {
        "history_of_arrivals": counts.new or counts.changed,
        "history_of_departures": counts.delisted,
        "changed_products": counts.changed,
        "delisted_products": counts.delisted,
        "filled_products": counts.filled,
        "new_products": counts.new,
        "members_new": counts.new_members,
        "members_returned": counts.returned_members,
        "members_departed": counts.departed,
        "ranking_list": counts.ranks,
        "tree_changed": counts.known_nodes,
        "tree_new": counts.new_nodes,
        "version": moves,
        "walk_pages": pages,
        "rejected_records": rejects,
        "overtaken_records": counts.overtaken,
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def _execute(connection: duckdb.DuckDBPyConnection, name: str, feed: str, source: Source) -> None:
    """Execute one statement of a merge, or the same for each source where columns differ."""
    if name in {"ranking_news", "ranking_list"}:
        connection.execute(statement(f"merge/{name}", **_RANKED[feed]))
        return
    if name not in _BY_SOURCE:
        connection.execute(_filled(name, source.carried))
        return
    for one in _sources(connection, source):
        connection.execute("SET VARIABLE record_source = ?", [one])
        connection.execute(_filled(name, source.carried_by[one]))


def _sources(connection: duckdb.DuckDBPyConnection, source: Source) -> list[str]:
    """Return the sources in a walk; its own where it is empty, as the last product's may be."""
    found = connection.execute("SELECT DISTINCT record_source FROM winners").fetchall()
    return [one for one in source.carried_by if (one,) in found] or [source.name]


def _filled(name: str, carried: Sequence[str]) -> str:
    """Return a merge's statement, with the carried columns where it names them."""
    columns = [f'"{one}"' for one in carried]
    fillable = [f'"{one}"' for one in carried if one not in OF_ITS_DAY]
    names: dict[str, str] = {}
    match name:
        case "unchanged":
            same = [f"known.{one} IS NOT DISTINCT FROM arrival.{one}" for one in columns]
            names["carried_same"] = "\n        AND ".join(same)
        case "history_of_arrivals":
            told = {one: "arrival" if one in carried else "known" for one in _HISTORY}
            names = {one: f"{by}.{one}" for one, by in told.items()}
        case "changed_products":
            assigned = [f"{one} = arrival.{one}" for one in columns if one not in _NOT_ASSIGNED]
            names["carried_assignments"] = ",\n    ".join(assigned)
        case "dump_fills":
            lacking = [f"(known.{one} IS NULL AND arrival.{one} IS NOT NULL)" for one in fillable]
            names["fillable"] = "\n            OR ".join(lacking)
        case "filled_products":
            filled = [f"{one} = coalesce(known.{one}, arrival.{one})" for one in fillable]
            names["filled_assignments"] = ",\n    ".join(filled)
    return statement(f"merge/{name}", **names)


def _row(walk: StagedWalk, counts: Counts, rejected: int, finished_at: datetime) -> RefreshRow:
    plan = walk.plan
    return RefreshRow(
        refresh_id=plan.refresh_id,
        run_id=plan.run_id,
        category=plan.category,
        feed=plan.feed,
        mode=plan.mode,
        status="done",
        from_version=plan.from_version,
        to_version=plan.to_version,
        started_at=plan.started_at,
        finished_at=finished_at,
        # What is replayed was in the pages of other walks.
        page_count=0 if plan.mode == "replay" else len(walk.pages),
        seen_count=sum(page.record_count for page in walk.pages),
        new_count=counts.new,
        changed_count=counts.changed + counts.filled,
        delisted_count=counts.delisted,
        rejected_count=rejected,
    )
