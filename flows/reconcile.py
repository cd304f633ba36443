"""Comparing three roads to one category: a full walk, the mirror, and the dump."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import duckdb
from rich.console import Console

from feeds.client import Patience
from feeds.dump.directory import DumpListing
from feeds.errors import FeedError
from flows.display import shown
from flows.dumps import DumpFeed, read_dump_directory
from flows.listings import Listings
from flows.plain import one_line
from flows.progress import JobProgress
from flows.settings import Settings
from flows.stopping import run_until_stopped
from flows.upstream import Upstream
from flows.verify import choose_mirrored, expect_walks, open_comparison, tell_news
from storage.errors import LakeError
from storage.reconciliation import Reconciliation, reconcile_roads
from storage.staged_dump import StagedDump

Status = Literal["equal", "aged", "wrong", "failed"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of one category.

    Attributes:
        mirrored: the version that the mirror stands at; None where its feed names none.
        version: the version that the upstream stands at; likewise.
        dated_at: the day that the dump is of; None where there is none.
        found: the roads compared; None where they could not be.
        notes: what a reader should know, a sentence each.
        error: why they could not be compared.
    """

    category: str
    mirrored: int | None
    version: int | None = None
    dated_at: datetime | None = None
    found: Reconciliation | None = None
    notes: Sequence[str] = ()
    error: str | None = None

    @property
    def status(self) -> Status:
        """The word for it; `aged` where all that differs is explained by the roads' ages."""
        if self.error or not self.found:
            return "failed"
        if self.found.wrong_count:
            return "wrong"
        is_aged = any(one.comparison.count("behind") for one in self.found.pairs)
        return "aged" if is_aged else "equal"


def reconcile(
    settings: Settings,
    categories: Sequence[str],
    console: Console,
    patience: Patience | None = None,
) -> list[Reconciled]:
    """Compare the roads of categories, of all mirrored ones for none; nothing is written.

    Raises:
        FeedError: a directory cannot be read.
        LakeError: there is no lake, it is busy, or has no such category.
        StoppedError: a person or the system ended it; what was walked is kept.
    """
    return run_until_stopped(_reconcile(settings, categories, console, patience))


async def _reconcile(
    settings: Settings, categories: Sequence[str], console: Console, patience: Patience | None
) -> list[Reconciled]:
    async with open_comparison(settings, patience) as mirror:
        chosen = await choose_mirrored(mirror, categories)
        listings = await Listings.read(mirror.client, mirror.dialect)
        dumps = await read_dump_directory(mirror.client, mirror.dialect.api_version)
        await expect_walks(mirror, list(chosen))
        jobs = [
            _Job(Upstream(mirror, listings, name, version), dumps)
            for name, version in chosen.items()
        ]
        async with shown(mirror.progress, mirror.client, console):
            return await asyncio.gather(*(one.run() for one in jobs))


@dataclass(frozen=True, slots=True)
class _Job:
    """The roads of one category."""

    upstream: Upstream
    dumps: Mapping[str, DumpListing] = field(repr=False)

    async def run(self) -> Reconciled:
        upstream = self.upstream
        shown = upstream.mirror.progress.jobs[upstream.category]
        try:
            done = await self._compare(shown)
        except (FeedError, LakeError, duckdb.Error) as problem:
            done = Reconciled(upstream.category, upstream.mirrored, error=one_line(problem))
        shown.stage = "failed" if done.error else "done"
        return done

    async def _compare(self, shown: JobProgress) -> Reconciled:
        upstream, mirror = self.upstream, self.upstream.mirror
        shown.stage = "asking"
        walk = await upstream.walk(await upstream.version(), shown)
        dump = await self._stage_dump(shown)
        version, news, notes = await tell_news(upstream)
        shown.stage = "comparing"
        found = await mirror.in_lake(reconcile_roads, walk, mirror.source, dump, news)
        for staged in (walk, dump and dump.walk, news):
            if staged:
                staged.discard()
        return Reconciled(
            category=upstream.category,
            mirrored=upstream.mirrored,
            version=version,
            dated_at=dump.dated_at if dump else None,
            found=found,
            notes=[*notes, *_notes(found, dump)],
        )

    async def _stage_dump(self, shown: JobProgress) -> StagedDump | None:
        mirror, category = self.upstream.mirror, self.upstream.category
        if category not in self.dumps:
            return None
        folder = mirror.staging.root
        folder.mkdir(parents=True, exist_ok=True)
        return await DumpFeed(mirror, category, self.dumps[category], None, folder).stage(shown)


def _notes(found: Reconciliation, dump: StagedDump | None) -> list[str]:
    if dump is None:
        return ["the vendor lists no dump of it"]
    notes = []
    if found.is_older:
        day = f"{dump.dated_at:%Y-%m-%d}"
        notes.append(
            f"the dump of {day} is older than the mirror: what differs may have changed meanwhile"
        )
    if count := found.nameless_count:
        notes.append(f"{count:,} rows of the dump cannot be read and name no product")
    return notes
