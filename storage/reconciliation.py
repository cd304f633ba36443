"""Three roads to one category, compared two by two: a full walk, the mirror, and the dump.

The walk and the mirror are compared as `comparison` does. The dump is of an earlier day, and that
explains what the mirror saw change since then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import polars as pl

from storage.carried import quoted_names
from storage.commit import Source
from storage.comparison import Comparison, Look, compare_walk, read_comparison
from storage.road import differing, spelled
from storage.staged_dump import StagedDump
from storage.staging import StagedWalk
from storage.statements import statement
from storage.transaction import transaction

Road = Literal["mirror", "walk", "dump"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two roads compared; `here` in the comparison is the first, `there` the second."""

    here: Road
    there: Road
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of comparing the roads of one category.

    Attributes:
        counts: products on each road; the dump is left out where there is none.
        pairs: each two of them. What is `behind` between a dump and another road, its age
            explains.
        nameless_count: rows of the dump that could not be read and name no product.
        is_older: whether the dump is of a day before the mirror knew the category.
    """

    counts: Mapping[Road, int]
    pairs: Sequence[Pair]
    nameless_count: int = 0
    is_older: bool = False

    @property
    def wrong_count(self) -> int:
        """What nothing explains: an unreadable row explains one product missing in the dump."""
        return sum(
            one.comparison.count("wrong")
            - min(
                self.nameless_count if one.there == "dump" else 0,
                one.comparison.count("wrong", "missing_there"),
            )
            for one in self.pairs
        )


def reconcile_roads(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    dump: StagedDump | None,
    news: StagedWalk | None,
) -> Reconciliation:
    """Compare a full walk, the mirror and a dump of one category.

    Args:
        connection: the lake.
        walk: the walk, complete.
        source: where its records come from.
        dump: the dump; None where the category has none.
        news: the delta since the mirrored version; None where there is none.

    Raises:
        duckdb.Error: the lake or what is staged cannot be read.
    """
    pairs = [Pair("mirror", "walk", compare_walk(connection, walk, source, news=news))]
    with transaction(connection):
        connection.execute(statement("compare/keep_walk"))
        if dump is None:
            mirror_count, walk_count, _ = _counts(connection)
            return Reconciliation({"mirror": mirror_count, "walk": walk_count}, pairs)
        is_older = _lay_roads(connection, walk, source, dump)
        roads: tuple[Road, ...] = ("mirror", "walk")
        pairs += [_compare(connection, road, walk, source, dump) for road in roads]
        mirror_count, walk_count, dump_count = _counts(connection)
    return Reconciliation(
        counts={"mirror": mirror_count, "walk": walk_count, "dump": dump_count},
        pairs=pairs,
        nameless_count=dump.walk.rejects["product_id"].null_count(),
        is_older=is_older,
    )


def _lay_roads(
    connection: duckdb.DuckDBPyConnection, walk: StagedWalk, source: Source, dump: StagedDump
) -> bool:
    """Make the views of the roads; return whether the dump is older than the mirror."""
    known_since = connection.execute(statement("compare/known_since")).fetchall()[0][0]
    is_older = known_since is None or dump.made_after < known_since
    values = {
        "mode": "dump",
        "staged_pages": dump.walk.page_files,
        "walk_pages": walk.page_files,
        "dated_at": dump.made_after,
        "is_older": is_older,
    }
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(statement("merge/winners"))
    connection.execute(statement("compare/listed_winners"))
    connection.execute(statement("compare/aged"))
    every, shared = spelled(dump.source.carried), spelled(_shared(dump, source))
    walked = {"road": "walk", "pages": "walk_pages", "winners": "walk_winners"}
    dumped = {"road": "dump", "pages": "staged_pages", "winners": "winners"}
    connection.execute(statement("compare/mirror_road", columns=every))
    connection.execute(statement("compare/staged_road", columns=shared, **walked))
    connection.execute(statement("compare/staged_road", columns=every, **dumped))
    carried = {**source.carried_by, **dump.source.carried_by}
    frame = {"record_source": list(carried), "carried_names": list(map(list, carried.values()))}
    connection.register("carried", pl.DataFrame(frame))
    return is_older


def _shared(dump: StagedDump, source: Source) -> list[str]:
    """Return the columns that a dump and a walk both carry."""
    return [one for one in dump.source.carried if one in source.carried]


def _compare(
    connection: duckdb.DuckDBPyConnection,
    road: Road,
    walk: StagedWalk,
    source: Source,
    dump: StagedDump,
) -> Pair:
    carried = dump.source.carried if road == "mirror" else _shared(dump, source)
    columns = [one for one in carried if one != "product_id"]
    rejects = (
        dump.walk.rejects if road == "mirror" else pl.concat([walk.rejects, dump.walk.rejects])
    )
    connection.register("road_rejects", rejects)
    roads = {"here": f"{road}_road", "there": "dump_road"}
    listed = {"columns": quoted_names(columns)}
    connection.execute(statement("compare/pair", **roads, **listed))
    found = {"differing": differing(columns)}
    connection.execute(statement("compare/pair_differences", **roads, **found))
    connection.execute(statement("compare/pair_mismatches"))
    equal_count = statement("compare/pair_equal_count", **roads)
    return Pair(road, "dump", read_comparison(connection, equal_count, _looking_at(road)))


def _looking_at(road: Road) -> Look:
    def look(row: Mapping[str, Any]) -> tuple[str, str]:
        columns = quoted_names(row["column_names"])
        here = statement("compare/road_values", columns=columns, road=f"{road}_road")
        return here, statement("compare/road_values", columns=columns, road="dump_road")

    return look


def _counts(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    mirror_count, walk_count, dump_count = connection.execute(
        statement("compare/road_counts")
    ).fetchall()[0]
    return mirror_count, walk_count, dump_count
