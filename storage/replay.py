"""Replaying: what was rejected is read again and merged, as late as it is.

A rejected record is an observation of the moment at which its page was fetched, or of the day of
its dump. Read later, it may say only what nothing that was seen since says better:

- It is taken if it is the last that was said of its product. It is overtaken, and stays where it
  is, if the mirror has seen the product in any feed then or later, changed or not; if its whole
  category was walked or put back since; or if a later record of the product was rejected too.
  Sightings are noted from the moment at which it was kept, by the id that it showed. Where a walk
  was merged between its page and that moment, or it showed no id and a walk that could have seen it
  was merged since, nobody can tell, and it counts as overtaken.
- It brings nothing back: a product that is delisted, or has left the category, stays so. It takes
  nothing away: one that says that its product has gone stays where it is. It moves no version and
  touches no list of top sellers or books.
- A bare record, without a selling price, blanks no complete product.
- One that was longer than what is kept of it cannot be read again.

What is taken leaves `rejected_records`; `settled_records` says which replay took it. Everything
happens in one transaction, under the writer's lock, with a row of `refreshes` (mode `replay`) for
each category, feed and source. It costs no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, Protocol

import duckdb
import polars as pl

from storage.commit import Source, merge_walk
from storage.errors import LakeUnreadableError, first_line
from storage.lake import LakeFolder, open_for_writing
from storage.quarantine import Wanted, choose
from storage.refreshes import RefreshRow, name_commit, new_id
from storage.staging import ReadPage, StagedPage, Staging, WalkPlan
from storage.statements import statement
from storage.transaction import transaction

_CHUNK = 1_000
"""Records that are read together, and staged as one page."""

_PLACE = {"refresh_id": pl.String(), "page_number": pl.Int32(), "record_number": pl.Int32()}
_ORIGIN = {f"of_{name}": kind for name, kind in _PLACE.items()}
"""Where a record stood when it was rejected, beside where it stands in the replay."""


class ReadAgain(Protocol):
    """What some records say today."""

    @property
    def frame(self) -> pl.DataFrame:
        """Those that can be read, as staged; `record_number` is the place among those given."""

    @property
    def failed(self) -> Mapping[int, str]:
        """What is wrong with the others, by place."""

    @property
    def carried_by(self) -> Mapping[str, tuple[str, ...]]:
        """The product columns that a record of each source says something about."""


Read = Callable[[str, str | None, Sequence[bytes]], ReadAgain]
"""Reads records, given the source and the dump's header that they share."""


@dataclass(slots=True)
class Replay:
    """What one replay did.

    Attributes:
        run_id: its run in `refreshes`.
        rows: what it merged, one a category, feed and source.
        taken_count: records that were merged, and left quarantine.
        overtaken_count: records that say no more than the mirror knows by now.
        delisted_count: records of products that are delisted, or have left the category.
        deletion_count: records that say that a product has gone.
        unread_count: records that still cannot be read.
        capped_count: records of which too little was kept.
    """

    run_id: str
    rows: list[RefreshRow] = field(default_factory=list)
    taken_count: int = 0
    overtaken_count: int = 0
    delisted_count: int = 0
    deletion_count: int = 0
    unread_count: int = 0
    capped_count: int = 0

    @property
    def new_count(self) -> int:
        """Products that the mirror did not know."""
        return sum(row.new_count for row in self.rows)

    @property
    def changed_count(self) -> int:
        """Products whose row changed."""
        return sum(row.changed_count for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Records that are merged together: of one category, feed and source.

    Attributes:
        frame: what can be read of them, oldest first: staged columns, `fetched_at` and `_ORIGIN`.
    """

    refresh_id: str
    category: str
    feed: str
    record_source: str
    carried_by: Mapping[str, tuple[str, ...]]
    frame: pl.DataFrame


def replay(folder: LakeFolder, wanted: Wanted, read: Read) -> Replay:
    """Take the wanted records that can be read today, as the lake's only writer.

    Args:
        folder: the lake.
        wanted: which rejected records.
        read: reads them by the rules of today.

    Raises:
        LakeError: there is no lake, it is busy, or the transaction failed: nothing was changed.
    """
    folder.require()
    done = Replay(new_id())
    with open_for_writing(folder) as connection:
        try:
            with transaction(connection):
                choose(connection, wanted)
                shelves = _taken(connection, list(_shelves(connection, read, done)), done)
                if shelves:
                    _settle(connection, shelves)
                    staging = Staging(folder.staging)
                    done.rows += [_merge(connection, staging, one, done.run_id) for one in shelves]
                    message = f"replay {done.taken_count} rejected records"
                    name_commit(connection, message, done.run_id)
        except duckdb.Error as error:
            raise LakeUnreadableError(
                f"nothing was replayed and nothing was changed ({first_line(error)}); "
                "see `feedlake verify`"
            ) from error
    return done


def _shelves(connection: duckdb.DuckDBPyConnection, read: Read, done: Replay) -> Iterator[_Shelf]:
    """Read the wanted records, and count those that are not read or cannot be."""
    ((done.overtaken_count, done.capped_count),) = connection.execute(
        statement("quarantine/set_aside")
    ).fetchall()
    connection.execute(statement("quarantine/pending"))
    rows = chain.from_iterable(iter(lambda: connection.fetchmany(_CHUNK), []))
    for (category, feed, source, header), shelf in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        frames: list[pl.DataFrame] = []
        carried_by: Mapping[str, tuple[str, ...]] = {}
        while some := list(islice(shelf, _CHUNK)):
            answer = read(source, header, [row[-1] for row in some])
            done.unread_count += len(answer.failed)
            frames.append(_placed(answer.frame, some))
            carried_by = answer.carried_by
        yield _Shelf(new_id(), category, feed, source, carried_by, pl.concat(frames))


def _placed(frame: pl.DataFrame, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Say of each record where it stood and when it was fetched."""
    origins = pl.DataFrame(
        [row[4:8] for row in rows],
        {**_ORIGIN, "fetched_at": pl.Datetime("us", "UTC")},
        orient="row",
    ).with_row_index("record_number")
    numbered = origins.with_columns(pl.col("record_number").cast(pl.Int32))
    return frame.join(numbered, on="record_number", maintain_order="left")


def _taken(
    connection: duckdb.DuckDBPyConnection, shelves: Sequence[_Shelf], done: Replay
) -> list[_Shelf]:
    """Return the shelves with only what is to be taken, and count the rest."""
    if not shelves:
        return []
    readable = pl.concat(
        [one.frame.select(*_ORIGIN, "product_id", "is_available") for one in shelves]
    )
    connection.register("readable", readable.rename({f"of_{name}": name for name in _PLACE}))
    connection.execute(statement("quarantine/verdicts"))
    verdicts = dict(
        connection.execute("SELECT verdict, count(*) FROM verdicts GROUP BY verdict").fetchall()
    )
    done.taken_count = verdicts.get("taken", 0)
    done.overtaken_count += verdicts.get("overtaken", 0)
    done.delisted_count = verdicts.get("delisted", 0)
    done.deletion_count = verdicts.get("deletion", 0)
    found = connection.execute(statement("quarantine/taken")).fetchall()
    taken = pl.DataFrame(found, _ORIGIN, orient="row")
    kept = [
        replace(one, frame=one.frame.join(taken, on=list(_ORIGIN), how="semi")) for one in shelves
    ]
    return [one for one in kept if one.frame.height]


def _settle(connection: duckdb.DuckDBPyConnection, shelves: Sequence[_Shelf]) -> None:
    """Note which replay takes them, and let them leave."""
    settled = pl.concat(
        one.frame.select(
            *(pl.col(f"of_{name}").alias(name) for name in _PLACE),
            "product_id",
            "fetched_at",
            pl.lit(one.refresh_id).alias("replay_id"),
        )
        for one in shelves
    )
    connection.register("taken", settled)
    connection.execute("SET VARIABLE replayed_at = ?", [datetime.now(UTC)])
    connection.execute(statement("quarantine/settle_taken"))
    connection.execute(statement("quarantine/remove_taken"))


def _merge(
    connection: duckdb.DuckDBPyConnection, staging: Staging, shelf: _Shelf, run_id: str
) -> RefreshRow:
    source = Source(shelf.record_source, shelf.carried_by)
    plan = WalkPlan(
        refresh_id=shelf.refresh_id,
        run_id=run_id,
        category=shelf.category,
        feed=shelf.feed,
        mode="replay",
        from_version=None,
        to_version=None,
        started_at=datetime.now(UTC),
        path="",
        record_source=source.name,
        carried=source.carried,
    )
    staged = staging.begin(plan)
    try:
        for number, part in enumerate(shelf.frame.drop(*_ORIGIN).iter_slices(_CHUNK), start=1):
            # The later of two must be the later here too.
            numbered = part.with_columns(record_number=pl.int_range(pl.len(), dtype=pl.Int32))
            staged.add(ReadPage(_page(number, numbered.height), numbered))
        return merge_walk(connection, staged, source)
    finally:
        staged.discard()


def _page(number: int, record_count: int) -> StagedPage:
    return StagedPage(
        page_number=number,
        cursor="",
        next_cursor=None,
        next_path=None,
        last_product_id=None,
        record_count=record_count,
        rejected_count=0,
        byte_count=0,
        content_hash="",
        fetched_at=datetime.now(UTC),
        path="",
    )
