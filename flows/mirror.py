"""One run: the upstream and the lake held open, and what became of each of its jobs.

Nothing here knows Prefect, nor which feeds there are: a job is one feed of one category, and the
modules `products`, `top`, `books` and `dumps` know how to do theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import duckdb
import msgspec
import polars as pl
import stamina

from feeds.client import Client, Patience
from feeds.dialect import Dialect
from feeds.errors import FeedError
from feeds.line import place
from feeds.product.source import CARRIED_BY
from flows.account import dialect_of, open_client
from flows.collector import rare_collection
from flows.handover import quick_handover
from flows.plain import one_line
from flows.progress import JobProgress, Progress
from flows.settings import Settings
from flows.turn import begun_in_turn
from storage.commit import Source, commit_walk
from storage.engine import one_thread
from storage.errors import LakeError, MergeFailedError
from storage.fault import find_fault
from storage.guard import Guards
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import (
    RefreshRow,
    expected_pages,
    merged_refreshes,
    new_id,
    record_refreshes,
)
from storage.staging import StagedWalk, Staging

P = ParamSpec("P")
T = TypeVar("T")

_COMMITS = 6
"""Times that a transaction is tried where another program's is in its way."""


class Named(Protocol):
    """What is of one feed of one category."""

    @property
    def feed(self) -> str:
        """`product`, `top`, `books` or `dump`."""

    @property
    def category(self) -> str:
        """Its name in the directory."""


class Job(Named, Protocol):
    """One feed of one category, to be read."""

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Do it, and return its row.

        Raises:
            FeedError: the upstream did not let it; the lake is as it was.
            LakeError: a guard did not; the lake is as it was.
            duckdb.Error: the lake did not, and is as it was.
        """


@dataclass(slots=True)
class Mirror:
    """What the jobs of a run share.

    Attributes:
        client: asks the upstream.
        connection: the lake, held for writing; use it through `in_lake`.
        dialect: the API version and format that are spoken with it.
        staging: keeps pages until they are merged.
        progress: how far the run is.
        run_id: names the run in the lake.
        guards: what a merge may do without being asked.
        full_every: the age at which a category's full walk is due; None for never.
        rows: what became of each job, in the order they ended.
        unwritten_pages: pages that were read and are not on disk yet.
        notes: what a person should know of the run besides its rows, a line each.
    """

    client: Client
    connection: duckdb.DuckDBPyConnection
    dialect: Dialect
    staging: Staging
    progress: Progress
    run_id: str
    guards: Guards
    full_every: timedelta | None = None
    rows: list[RefreshRow] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    unwritten_pages: int = 0
    notes: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)
    _walking: set[str] = field(default_factory=set)
    _recorded: set[str] = field(default_factory=set)
    _lake: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(self, jobs: Sequence[Job]) -> None:
        """Take the jobs on, and clear away what an earlier run merged and could not clear.

        The longest go first: they decide when the run ends. What was never walked may be long.
        """
        pages = await self.in_lake(expected_pages)
        self.jobs = list(jobs)
        longest = sorted(jobs, key=lambda job: -pages.get((job.feed, job.category), inf))
        self._places = {name_of(job): number for number, job in enumerate(longest)}
        self._walking = set(self._places)
        self.progress.expect({name_of(job): pages.get((job.feed, job.category)) for job in jobs})
        merged = await self.in_lake(merged_refreshes, self.staging.refresh_ids())
        self.staging.discard_merged(merged)

    async def do(self, job: Job) -> RefreshRow:
        """Do one job. One that fails leaves the lake as it was; its row says why."""
        started_at = datetime.now(UTC)
        shown = self.progress.jobs[name_of(job)]
        place.set(self._places[name_of(job)])
        try:
            row = await job.run(shown)
            shown.stage = "failed" if row.status == "failed" else "done"
        except (FeedError, LakeError, duckdb.Error) as problem:
            error = _merge_failed(problem) if isinstance(problem, duckdb.Error) else problem
            shown.stage = "failed"
            row = self.row(job, shown.mode or "full", started_at, error=error)
        self._walking.discard(name_of(job))
        self.rows.append(row)
        return row

    async def end(self) -> None:
        """Record the jobs that merged nothing, and end the clock.

        Where the lake does not take that, as on a full disk, those jobs have failed.
        """
        unmerged = [row for row in self.rows if row.refresh_id not in self._recorded]
        try:
            await self.in_lake(record_refreshes, unmerged)
        except (LakeError, duckdb.Error) as problem:
            error = _merge_failed(problem) if isinstance(problem, duckdb.Error) else problem
            merged = [row for row in self.rows if row.refresh_id in self._recorded]
            self.rows = merged + [_failed(row, error) for row in unmerged]
        self.progress.stop()

    async def merge(
        self,
        staged: StagedWalk,
        *,
        source: Source | None = None,
        tree: pl.DataFrame | None = None,
    ) -> RefreshRow:
        """Merge a finished walk, with the tree of books where it is theirs; forget its staging."""
        self._walking.discard(name_of(staged.plan))
        row = await self.in_lake(self._commit, staged, source or self.source, tree)
        if row.mode != "skip":
            self._recorded.add(row.refresh_id)
        staged.discard()
        return row

    def _commit(
        self,
        connection: duckdb.DuckDBPyConnection,
        staged: StagedWalk,
        source: Source,
        tree: pl.DataFrame | None,
    ) -> RefreshRow:
        """Merge with every core, or leave the walks that still go on the interpreter."""
        with one_thread(connection) if self._walking else nullcontext():
            return commit_walk(connection, staged, source, tree, self.guards)

    @property
    def source(self) -> Source:
        """Where the records of the feeds come from."""
        return source_of(self.dialect)

    async def in_lake(
        self,
        work: Callable[Concatenate[duckdb.DuckDBPyConnection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do one transaction in the lake, one at a time, and see it through if cancelled.

        It is done again where another program's transaction was in its way.

        Raises:
            LakeUnreadableError: a file of the lake is lost or damaged.
            duckdb.Error: the transaction failed for another reason.
        """
        once = partial(work, self.connection, *args, **kwargs)
        async with self._lake:
            done = asyncio.ensure_future(_repeated(once))
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                await asyncio.wait([done])
                raise
            except duckdb.Error as error:
                if fault := await asyncio.to_thread(find_fault, self.connection, error):
                    raise fault from error
                raise

    def row(
        self,
        job: Job,
        mode: str,
        started_at: datetime,
        *,
        version: int | None = None,
        error: Exception | str | None = None,
    ) -> RefreshRow:
        """Return the row of a job that merged nothing, or of a walk that failed within it."""
        return RefreshRow(
            refresh_id=new_id(),
            run_id=self.run_id,
            category=job.category,
            feed=job.feed,
            mode=mode,
            status="failed" if error else "done",
            from_version=version,
            to_version=version,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            error=_line(error) if error else None,
        )


async def _repeated(once: Callable[[], T]) -> T:
    return await stamina.retry(on=duckdb.TransactionException, attempts=_COMMITS, wait_max=2)(
        partial(asyncio.to_thread, once)
    )()


def _merge_failed(problem: duckdb.Error) -> MergeFailedError:
    is_conflict = isinstance(problem, duckdb.TransactionException)
    return MergeFailedError(problem, is_conflict=is_conflict)


def _failed(row: RefreshRow, error: Exception) -> RefreshRow:
    if row.error:
        return row
    return msgspec.structs.replace(row, status="failed", error=_line(error))


def _line(error: Exception | str) -> str:
    return one_line(error)[:1000]


@asynccontextmanager
async def open_mirror(
    settings: Settings, progress: Progress, patience: Patience | None = None
) -> AsyncIterator[Mirror]:
    """Hold the lake and the upstream for one run.

    Raises:
        LakeError: the lake is busy for too long, or cannot be written.
    """
    folder = LakeFolder(settings.lake)
    with quick_handover(), rare_collection(), ExitStack() as stack:
        connection = await begun_in_turn(
            lambda: stack.enter_context(open_for_writing(folder, settings.memory)), settings.wait
        )
        async with open_client(settings, patience) as client:
            dialect, staging = dialect_of(settings), Staging(folder.staging)
            yield Mirror(
                client,
                connection,
                dialect,
                staging,
                progress,
                new_id(),
                settings.guards,
                settings.full_every,
            )


def source_of(dialect: Dialect) -> Source:
    """Return where records that are spoken of so come from."""
    return Source(dialect.name, CARRIED_BY)


def name_of(one: Named) -> str:
    """Return what a job is called: its category, and its feed where that is not obvious."""
    is_obvious = one.feed in {"product", one.category}
    return one.category if is_obvious else f"{one.category} ({one.feed})"
