"""A walk compared with the mirror: what a merge would change, and what was altered unseen.

The walk is staged on disk, the mirror is in the lake, and DuckDB joins the two: a narrow table
of hashes first, then the columns of what differs. Nothing is written to the lake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from storage.carried import differences, quoted_names, suspects
from storage.commit import Source, lay_out
from storage.engine import quoted
from storage.errors import LakeUnwritableError
from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.lock import writer_lock
from storage.staging import StagedWalk
from storage.statements import statement
from storage.transaction import transaction

Kind = Literal["missing_here", "missing_there", "different"]
"""Not in the mirror; not upstream; in both, and not the same."""

Verdict = Literal["behind", "elsewhere", "wrong"]
"""Explained by a newer version; as another category says it; explained by nothing."""

Look = Callable[[Mapping[str, Any]], tuple[str, str]]
"""Returns the queries for the columns of a row of `mismatches`, here and there."""

KINDS: tuple[Kind, ...] = ("missing_here", "missing_there", "different")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A product that differs.

    Attributes:
        columns: what differs, by column: here, and there.
    """

    product_id: str
    kind: Kind
    verdict: Verdict
    columns: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing one category.

    Attributes:
        equal_count: products that are the same here and there.
        counts: products that are not, by verdict and kind.
        column_counts: in how many products each column is wrong, the worst first.
        rows: the first few that are wrong or behind.
    """

    equal_count: int
    counts: Mapping[tuple[Verdict, Kind], int]
    column_counts: Mapping[str, int]
    rows: list[Mismatch]

    def count(self, verdict: Verdict, kind: Kind | None = None) -> int:
        """Return how many products a verdict is about; of one kind, or of all."""
        kinds = KINDS if kind is None else (kind,)
        return sum(self.counts.get((verdict, one), 0) for one in kinds)


@contextmanager
def open_for_comparing(
    folder: LakeFolder, *, repair: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake to compare it with the upstream: for reading, unless it is to be repaired.

    The writer's lock is held in either case: two commands that walk side by side would ask twice
    as often as the vendor allows.

    Raises:
        LakeError: there is no lake, it is busy, or cannot be opened.
    """
    folder.require()
    if repair:
        with open_for_writing(folder) as connection:
            yield connection
        return
    try:
        folder.comparing.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LakeUnwritableError(folder.root, error) from error
    with writer_lock(folder.root), open_for_reading(folder) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{quoted(folder.staging / 'spill')}'")
        yield connection


def mirrored_categories(connection: duckdb.DuckDBPyConnection) -> dict[str, int | None]:
    """Return the version of every category that was mirrored by its product feed."""
    return dict(connection.execute(statement("compare/categories")).fetchall())


def sample_listed(
    connection: duckdb.DuckDBPyConnection, categories: Collection[str], count: int
) -> dict[str, list[str]]:
    """Return the ids of some listed products drawn by chance, by category."""
    connection.execute("SET VARIABLE categories = ?", [json.dumps(list(categories))])
    connection.execute("SET VARIABLE sample_size = ?", [count])
    drawn: dict[str, list[str]] = {}
    for category, product_id in connection.execute(statement("compare/sample")).fetchall():
        drawn.setdefault(category, []).append(product_id)
    return drawn


def compare_walk(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    *,
    asked: Collection[str] | None = None,
    news: StagedWalk | None = None,
) -> Comparison:
    """Compare a complete walk of a category with the mirror.

    What differs is left in the temporary table `mismatches` of the connection.

    Args:
        connection: the lake.
        walk: the walk of the category, or the look-ups of some of its products.
        source: where its records come from.
        asked: the products that were looked up; None where everything was walked.
        news: the delta since the mirrored version; None where there is none.

    Raises:
        duckdb.Error: the lake or the walk cannot be read.
    """
    with transaction(connection):
        _set_walk(connection, walk, source, asked)
        _tell_news(connection, news)
        connection.execute(statement("compare/expected"))
        lay_out(connection, walk)
        connection.execute(statement("merge/winners"))
        connection.execute(statement("compare/listed_winners"))
        connection.execute(suspects(source.carried))
        _find_differences(connection, source)
        connection.execute(statement("compare/mismatches"))
        equal_count = statement("compare/equal_count")
        return read_comparison(connection, equal_count, _looking_at(connection, walk))


def _set_walk(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    asked: Collection[str] | None = None,
) -> None:
    """Tell the statements of `compare` which walk they are about."""
    values = {
        "category": walk.plan.category,
        "mode": walk.plan.mode,
        "own_source": source.name,
        "staged_pages": walk.page_files,
        "asked": None if asked is None else json.dumps(list(asked)),
        "has_dumps": _has_dumps(connection),
    }
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.register("walk_rejects", walk.rejects)


def _has_dumps(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("SELECT bool_or(feed = 'dump' AND status = 'done') FROM refreshes")
    return bool(found.fetchall()[0][0])


def _tell_news(connection: duckdb.DuckDBPyConnection, news: StagedWalk | None) -> None:
    if news is None:
        connection.execute(statement("compare/no_news"))
        return
    connection.register("news_rejects", news.rejects)
    connection.execute("SET VARIABLE news_pages = ?", [news.page_files])
    connection.execute(statement("compare/news"))


def _find_differences(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    connection.execute(statement("compare/no_differences"))
    found = connection.execute("SELECT DISTINCT record_source FROM suspects").fetchall()
    for name in {one for (one,) in found if one in source.carried_by}:
        connection.execute("SET VARIABLE record_source = ?", [name])
        connection.execute(differences(source.carried_by[name]))


def read_comparison(
    connection: duckdb.DuckDBPyConnection, equal_count: str, look: Look
) -> Comparison:
    """Return what is in the temporary table `mismatches`.

    Args:
        connection: the lake.
        equal_count: the statement that counts what is equal.
        look: reads the columns of one of its rows on either side.
    """
    totals = connection.execute(statement("compare/totals")).fetchall()
    ((count,),) = connection.execute(equal_count).fetchall()
    columns = connection.execute(statement("compare/column_counts")).fetchall()
    shown = connection.execute(statement("compare/shown"))
    names = [one[0] for one in shown.description]
    rows = [dict(zip(names, row, strict=True)) for row in shown.fetchall()]
    return Comparison(
        equal_count=count,
        counts={(verdict, kind): count for verdict, kind, count in totals},
        column_counts=dict(columns),
        rows=[_mismatch(connection, row, look) for row in rows],
    )


def _mismatch(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], look: Look
) -> Mismatch:
    names = row["column_names"]
    pairs: list[tuple[Any, Any]] = []
    if names:
        for name in ("product_id", "page_number", "record_number"):
            connection.execute(f"SET VARIABLE {name} = ?", [row[name]])
        here, there = (connection.execute(one).fetchall()[0] for one in look(row))
        pairs = list(zip(here, there, strict=True))
    columns = dict(zip(names, pairs, strict=True))
    return Mismatch(row["product_id"], row["kind"], row["verdict"], columns)


def _looking_at(connection: duckdb.DuckDBPyConnection, walk: StagedWalk) -> Look:
    def look(row: Mapping[str, Any]) -> tuple[str, str]:
        # One file of the thousands that a walk may have.
        file = walk.file_of(row["page_number"])
        connection.execute("SET VARIABLE page_file = ?", [file])
        columns = quoted_names(row["column_names"])
        here = statement("compare/here", columns=columns)
        return here, statement("compare/there", columns=columns)

    return look
