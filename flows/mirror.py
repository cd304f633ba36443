"""The mirror of one account: refresh a category, whole or by its changes.

The version is asked for before the walk starts: what changes upstream during the walk is then in
the next delta. Nothing here knows Prefect.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

import duckdb

from feeds.budget import Budget
from feeds.client import Client, Patience
from feeds.directory import Listing, choose, decode_directory, directory_path
from feeds.errors import FeedError, RequestRefusedError
from feeds.page import decode_version
from feeds.product.schema import CARRIED_BY_V1_JSON
from feeds.signed_url import SignedUrl
from feeds.walk import Step, Walk
from flows.progress import Progress
from flows.settings import Settings
from storage.commit import (
    RefreshRow,
    commit_walk,
    expected_pages,
    merged_refreshes,
    mirrored_versions,
    record_refreshes,
)
from storage.lake import LakeFolder, open_for_writing
from storage.staging import StagedPage, StagedWalk, Staging, WalkPlan

P = ParamSpec("P")
T = TypeVar("T")

RECORD_SOURCE = "v1.1.0 json"
_FRESH_SECONDS = 10.0


@dataclass(slots=True)
class Mirror:
    """A run over some categories.

    Attributes:
        run_id: names the run in the lake.
        listings: the categories to refresh, with their links.
        progress: how far the run is.
        rows: what became of each category, in the order they ended.
    """

    client: Client
    connection: duckdb.DuckDBPyConnection
    staging: Staging
    progress: Progress
    run_id: str
    listings: dict[str, Listing] = field(default_factory=dict)
    rows: list[RefreshRow] = field(default_factory=list)
    _versions: dict[str, int] = field(default_factory=dict)
    _lake: asyncio.Lock = field(default_factory=asyncio.Lock)
    _directory: asyncio.Lock = field(default_factory=asyncio.Lock)
    _directory_read: float = 0.0

    async def begin(self, categories: Iterable[str]) -> None:
        """Read the directory, and what the lake knows of the categories.

        Raises:
            FeedError: the directory cannot be read, or lists no such category.
        """
        listed = choose(await self._read_directory(), categories)
        self.listings = {one.category: one for one in listed}
        self._versions = await self._in_lake(mirrored_versions, self.connection)
        pages = await self._in_lake(expected_pages, self.connection)
        self.progress.expect({name: pages.get(name) for name in self.listings})
        staged = self.staging.refresh_ids()
        merged = await self._in_lake(merged_refreshes, self.connection, staged)
        self.staging.discard_merged(merged)

    async def refresh(self, category: str, *, full: bool = False) -> RefreshRow:
        """Bring one category to its current version.

        A category that fails leaves the lake as it was; its row says why.
        """
        started_at = datetime.now(UTC)
        shown = self.progress.categories[category]
        try:
            row = await self._refresh(category, full=full, started_at=started_at)
            shown.stage = "done"
        except (FeedError, duckdb.Error) as error:
            shown.stage = "failed"
            row = self._row(category, "failed", shown.mode or "full", started_at, error)
        self.rows.append(row)
        return row

    async def end(self) -> None:
        """Record the refreshes that merged nothing."""
        unmerged = [row for row in self.rows if row.status == "failed" or row.mode == "skip"]
        await self._in_lake(record_refreshes, self.connection, unmerged)

    async def _refresh(self, category: str, *, full: bool, started_at: datetime) -> RefreshRow:
        shown, listing = self.progress.categories[category], self.listings[category]
        shown.stage = "asking"
        version = await self._current_version(listing)
        mirrored = self._versions.get(category)
        if full or version is None or mirrored is None or version < mirrored:
            return await self._walk(self._plan(listing, "full", version, started_at))
        if version == mirrored:
            shown.mode = "skip"
            return self._row(category, "done", "skip", started_at)
        try:
            return await self._walk(self._plan(listing, "delta", version, started_at))
        except RequestRefusedError:
            # The upstream keeps changes for some time only: an older mirror starts anew.
            return await self._walk(self._plan(listing, "full", version, started_at))

    async def _current_version(self, listing: Listing) -> int | None:
        if listing.delta is None:
            return None
        return await self.client.fetch(listing.delta, decode_version)

    def _plan(
        self, listing: Listing, mode: str, version: int | None, started_at: datetime
    ) -> WalkPlan:
        mirrored = self._versions.get(listing.category)
        return WalkPlan(
            refresh_id=_new_id(),
            run_id=self.run_id,
            category=listing.category,
            feed="product",
            mode=mode,
            from_version=mirrored,
            to_version=version,
            started_at=started_at,
            path=_first_link(listing, mode, mirrored).path,
        )

    async def _walk(self, plan: WalkPlan) -> RefreshRow:
        shown = self.progress.categories[plan.category]
        shown.mode = plan.mode
        staged = self.staging.open(plan)
        is_resumed = bool(staged.pages)
        try:
            await self._stage(staged)
        except RequestRefusedError:
            if not is_resumed:
                raise
            # The cursor is of no more use to the upstream: walk from the start.
            staged.discard()
            staged = self.staging.open(plan)
            await self._stage(staged)
        shown.stage = "merging"
        row = await self._in_lake(
            commit_walk,
            self.connection,
            staged,
            record_source=RECORD_SOURCE,
            carried=CARRIED_BY_V1_JSON,
        )
        staged.discard()
        return row

    async def _stage(self, staged: StagedWalk) -> None:
        plan = staged.plan
        self.progress.restart(plan.category, [page.record_count for page in staged.pages])
        if staged.is_complete:
            return
        first = _first_link(self.listings[plan.category], plan.mode, plan.from_version)
        walk = Walk(
            client=self.client,
            first=first,
            resign=lambda: self._resign(plan),
            seen={page.path for page in staged.pages},
            number=len(staged.pages),
        )
        start = first.at_path(staged.pages[-1].next_path or "") if staged.pages else first
        async for step in walk.steps(start):
            page = _staged_page(step)
            await asyncio.to_thread(staged.add, page, step.page.frame, step.page.rejected)
            self.progress.page(plan.category, page.record_count)

    async def _resign(self, plan: WalkPlan) -> SignedUrl:
        """Return a fresh link of the walk's feed; walks that expire together read one directory."""
        async with self._directory:
            if time.monotonic() - self._directory_read > _FRESH_SECONDS:
                fresh = await self._read_directory()
                self.listings |= {name: fresh[name] for name in self.listings if name in fresh}
        return _first_link(self.listings[plan.category], plan.mode, plan.from_version)

    async def _read_directory(self) -> dict[str, Listing]:
        url = SignedUrl.parse(self.client.origin + directory_path(self.client.affiliate_id))
        listings = await self.client.fetch(url, decode_directory)
        self._directory_read = time.monotonic()
        return listings

    def _row(
        self,
        category: str,
        status: str,
        mode: str,
        started_at: datetime,
        error: Exception | None = None,
    ) -> RefreshRow:
        version = self._versions.get(category)
        return RefreshRow(
            refresh_id=_new_id(),
            run_id=self.run_id,
            category=category,
            feed="product",
            mode=mode,
            status=status,
            from_version=version,
            to_version=version,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            error=_one_line(error) if error else None,
        )

    async def _in_lake(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one piece of work in the lake, one at a time, and see it through if cancelled."""
        async with self._lake:
            done = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                await asyncio.wait([done])
                raise


@asynccontextmanager
async def open_mirror(
    settings: Settings, progress: Progress, patience: Patience | None = None
) -> AsyncIterator[Mirror]:
    """Hold the lake and the upstream for one run.

    Raises:
        LakeError: the lake is busy, or cannot be written.
    """
    folder = LakeFolder(settings.lake)
    with open_for_writing(folder) as connection:
        async with Client(
            settings.api_url,
            settings.affiliate_id,
            settings.affiliate_token.get_secret_value(),
            budget=Budget(settings.quota),
            patience=patience,
        ) as client:
            yield Mirror(client, connection, Staging(folder.staging), progress, _new_id())


def _first_link(listing: Listing, mode: str, from_version: int | None) -> SignedUrl:
    if mode == "delta" and listing.delta is not None and from_version is not None:
        return listing.delta.from_version(from_version)
    return listing.product


def _staged_page(step: Step) -> StagedPage:
    return StagedPage(
        page_number=step.number,
        cursor=step.cursor,
        next_cursor=step.next_cursor,
        next_path=step.next_path,
        last_product_id=step.page.last_product_id,
        record_count=step.page.record_count,
        rejected_count=len(step.page.rejected),
        byte_count=step.page.byte_count,
        content_hash=step.page.content_hash,
        fetched_at=datetime.now(UTC),
        path=step.path,
    )


def _new_id() -> str:
    """Return an id that sorts by time, such as `20261121T221500-5f3a9c`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:1000]
