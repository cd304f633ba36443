"""Comparing the mirror with the upstream, and putting right what differs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import duckdb
from rich.console import Console

from feeds.client import Patience
from feeds.errors import FeedError, RequestRefusedError
from flows.account import dialect_of, open_client
from flows.display import shown
from flows.listings import Listings
from flows.mirror import Mirror
from flows.plain import one_line
from flows.progress import JobProgress, Progress
from flows.settings import Settings
from flows.stopping import run_until_stopped
from flows.turn import begun_in_turn
from flows.upstream import Upstream
from storage.comparison import (
    Comparison,
    compare_walk,
    mirrored_categories,
    open_for_comparing,
    sample_listed,
)
from storage.errors import LakeError
from storage.lake import LakeFolder
from storage.refreshes import RefreshRow, expected_pages, merged_refreshes, new_id
from storage.repair import Repair, repair_walk
from storage.snapshots import category_missing
from storage.staging import StagedWalk, Staging

Status = Literal["equal", "behind", "wrong", "repaired", "failed"]

_STALE = timedelta(days=1)
"""Age from which pages staged for a comparison tell nothing about now."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to compare.

    Attributes:
        categories: their names; none for all that were mirrored.
        sample: how many products to look up, drawn by chance; None to walk everything.
        repair: whether to merge what was fetched where it differs.
    """

    categories: Sequence[str] = ()
    sample: int | None = None
    repair: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one category.

    Attributes:
        mirrored: the version that the mirror stood at; None where its feed names none.
        version: the version that the upstream stands at; likewise.
        comparison: what was found; None where it could not be compared.
        merged: the merge that put it right; None for none.
        left: what differs after that merge.
        notes: what a reader should know, a sentence each.
        error: why it could not be compared, or not be repaired.
    """

    category: str
    mirrored: int | None
    version: int | None = None
    comparison: Comparison | None = None
    merged: RefreshRow | None = None
    left: Comparison | None = None
    notes: list[str] = field(default_factory=list)
    error: str | None = None

    @property
    def status(self) -> Status:
        """The word for it; only `wrong` and `failed` are a fault of the mirror or of the run."""
        if self.error or not self.comparison:
            return "failed"
        now = self.left or self.comparison
        if now.count("wrong"):
            return "wrong"
        if self.merged:
            return "repaired"
        return "behind" if now.count("behind") else "equal"


def verify_upstream(
    settings: Settings, request: Request, console: Console, patience: Patience | None = None
) -> list[Verdict]:
    """Compare categories of the mirror with the upstream; one that fails leaves the others alone.

    Raises:
        FeedError: the directory cannot be read.
        LakeError: there is no lake, it is busy, or has no such category.
        StoppedError: a person or the system ended it; what was fetched is kept.
    """
    return run_until_stopped(_verify(settings, request, console, patience))


async def _verify(
    settings: Settings, request: Request, console: Console, patience: Patience | None
) -> list[Verdict]:
    async with open_comparison(settings, patience, repair=request.repair) as mirror:
        chosen = await choose_mirrored(mirror, request.categories)
        drawn = await _draw(mirror, chosen, request.sample)
        listings = await Listings.read(mirror.client, mirror.dialect)
        checks = [
            _Check(Upstream(mirror, listings, name, version), drawn.get(name), request.repair)
            for name, version in chosen.items()
            if drawn.get(name) != []
        ]
        await expect_walks(mirror, [one.upstream.category for one in checks])
        async with shown(mirror.progress, mirror.client, console):
            return await asyncio.gather(*(one.run() for one in checks))


@dataclass(frozen=True, slots=True)
class _Check:
    """The comparison of one category; `asked` are the products to look up, None for all."""

    upstream: Upstream
    asked: Sequence[str] | None
    repair: bool

    async def run(self) -> Verdict:
        upstream = self.upstream
        shown = upstream.mirror.progress.jobs[upstream.category]
        verdict = Verdict(upstream.category, upstream.mirrored)
        try:
            verdict = await self._compare(shown)
        except (FeedError, LakeError, duckdb.Error) as problem:
            verdict = Verdict(upstream.category, upstream.mirrored, error=one_line(problem))
        shown.stage = "failed" if verdict.error else "done"
        return verdict

    async def _compare(self, shown: JobProgress) -> Verdict:
        upstream = self.upstream
        shown.stage = "asking"
        before = await upstream.version()
        if self.asked is None:
            walk = await upstream.walk(before, shown)
        else:
            walk = await upstream.look_up(self.asked, shown)
        version, news, notes = await tell_news(upstream)
        shown.stage = "comparing"
        repair = await self._repair(walk, news)
        for staged in (walk, news):
            if staged:
                staged.discard()
        return Verdict(
            category=upstream.category,
            mirrored=upstream.mirrored,
            version=version,
            comparison=repair.found,
            merged=repair.merged,
            left=repair.left,
            notes=notes,
        )

    async def _repair(self, walk: StagedWalk, news: StagedWalk | None) -> Repair:
        mirror = self.upstream.mirror
        if self.repair:
            return await mirror.in_lake(
                repair_walk,
                walk,
                mirror.source,
                mirror.guards,
                asked=self.asked,
                news=news,
            )
        found = await mirror.in_lake(compare_walk, walk, mirror.source, asked=self.asked, news=news)
        return Repair(found, None, found)


async def tell_news(upstream: Upstream) -> tuple[int | None, StagedWalk | None, list[str]]:
    """Return the upstream's version now, the changes since the mirrored one, and notes on both.

    Raises:
        FeedError: the upstream does not answer.
    """
    version, mirrored = await upstream.version(), upstream.mirrored
    if version is None or mirrored is None or version == mirrored:
        return version, None, []
    notes = [f"the mirror stands at {mirrored}, the upstream at {version}"]
    if version < mirrored:
        notes.append("the upstream went back: the next refresh walks everything")
        return version, None, notes
    try:
        return version, await upstream.news(version), notes
    except RequestRefusedError:
        notes.append("the upstream no longer tells the changes between: news may count as wrong")
        return version, None, notes


@asynccontextmanager
async def open_comparison(
    settings: Settings, patience: Patience | None = None, *, repair: bool = False
) -> AsyncIterator[Mirror]:
    """Hold the lake and the upstream for one comparison; staging is its own.

    Raises:
        LakeError: there is no lake, it is busy for too long, or cannot be opened.
    """
    folder = LakeFolder(settings.lake)
    staging = Staging(folder.comparing)
    with ExitStack() as stack:
        connection = await begun_in_turn(
            lambda: stack.enter_context(open_for_comparing(folder, repair=repair)), settings.wait
        )
        async with open_client(settings, patience) as client:
            mirror = Mirror(
                client,
                connection,
                dialect_of(settings),
                staging,
                Progress(),
                new_id(),
                settings.guards,
            )
            merged = await mirror.in_lake(merged_refreshes, staging.refresh_ids())
            staging.discard_merged(merged)
            staging.discard_older(datetime.now(UTC) - _STALE)
            yield mirror


async def choose_mirrored(mirror: Mirror, names: Collection[str]) -> dict[str, int | None]:
    """Return the versions of the named categories, of all mirrored ones for no name.

    Raises:
        CategoryMissingError: one of them was never mirrored.
    """
    known = await mirror.in_lake(mirrored_categories)
    for name in names:
        if name not in known:
            raise await mirror.in_lake(category_missing, name)
    return {name: version for name, version in known.items() if not names or name in names}


async def expect_walks(mirror: Mirror, categories: Sequence[str]) -> None:
    """Tell the display which categories there are, with the pages that their last walk had."""
    pages = await mirror.in_lake(expected_pages)
    mirror.progress.expect({name: pages.get(("product", name)) for name in categories})
    mirror.progress.start()


async def _draw(
    mirror: Mirror, categories: Mapping[str, int | None], count: int | None
) -> Mapping[str, list[str]]:
    if count is None:
        return {}
    drawn = await mirror.in_lake(sample_listed, list(categories), count)
    return {name: drawn.get(name, []) for name in categories}
