"""The dump of a category: one zipped CSV, merged by the day it was made.

It is downloaded to the staging folder, where a download that breaks off goes on, and read in
bounded memory. A dump no newer than the last one merged is not read again. How its date is told
from clocks that may be wrong, says `feeds.dump.age`.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, pairwise
from pathlib import Path
from typing import ClassVar

from feeds.client import Client
from feeds.download import Downloaded, download
from feeds.dump.age import Age
from feeds.dump.directory import DumpListing, decode_dump_directory, dump_directory_path
from feeds.dump.dump import NO_ROWS, Dump
from feeds.errors import RefreshDirectoryError
from feeds.signed_url import SignedUrl
from flows.mirror import Mirror
from flows.progress import JobProgress
from storage.commit import Source
from storage.refreshes import RefreshRow, new_id
from storage.staged_dump import StagedDump
from storage.staging import ReadPage, StagedPage, StagedWalk, WalkPlan


async def read_dump_directory(client: Client, api_version: str) -> dict[str, DumpListing]:
    """Return every category that has a dump.

    Raises:
        FeedError: the directory cannot be read.
    """
    path = dump_directory_path(client.affiliate_id)
    return await client.fetch(
        SignedUrl(client.origin, path, ""), lambda body: decode_dump_directory(body, api_version)
    )


@dataclass(slots=True)
class DumpFeed:
    """Merges one category's dump.

    Attributes:
        category: its name in the dump directory.
        listing: its link.
        dumped_at: the day of the newest dump merged; None for none.
        folder: where the zip goes while it is read.
    """

    feed: ClassVar[str] = "dump"

    mirror: Mirror
    category: str
    listing: DumpListing
    dumped_at: datetime | None
    folder: Path

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Download the dump, stage its rows and merge them."""
        started_at = datetime.now(UTC)
        dump = await self.stage(shown)
        if dump is None:
            shown.mode = "skip"
            return self.mirror.row(self, "skip", started_at)
        shown.stage = "merging"
        return await self.mirror.merge(dump.walk, source=dump.source)

    async def stage(self, shown: JobProgress) -> StagedDump | None:
        """Download the dump and stage its rows; None where it is no newer than the last one.

        Raises:
            FeedError: it cannot be had or read; what came of a download is kept.
        """
        started_at = datetime.now(UTC)
        shown.stage = "asking"
        file = self._file()
        try:
            downloaded = await self._download(file)
            with Dump(file) as dump:
                age = Age.of(dump.dated_at, downloaded.modified_at, started_at)
                if self.dumped_at is not None and age.dated_at <= self.dumped_at:
                    return None
                name = f"{dump.api_version} csv"
                source = Source(name, {name: dump.carried})
                # Reading it again is quicker than telling where an earlier run was.
                plan = self._plan(source, dump.header, started_at, age.made_after)
                staged = self.mirror.staging.begin(plan)
                shown.walk("dump")
                await asyncio.to_thread(stage_rows, staged, dump, age.dated_at, shown)
        finally:
            file.unlink(missing_ok=True)
        return StagedDump(staged, source, age.dated_at)

    async def _download(self, file: Path) -> Downloaded:
        try:
            return await download(self.mirror.client, self.listing.url, file)
        except RefreshDirectoryError:
            version = self.mirror.dialect.api_version
            fresh = await read_dump_directory(self.mirror.client, version)
            if self.category not in fresh:
                raise
            return await download(self.mirror.client, fresh[self.category].url, file)

    def _file(self) -> Path:
        """Name the zip by a hash: what the upstream calls a category is never a path."""
        name = hashlib.blake2b(self.category.encode(), digest_size=12).hexdigest()
        return self.folder / f"dump-{name}.zip"

    def _plan(
        self, source: Source, header: str, started_at: datetime, made_after: datetime
    ) -> WalkPlan:
        return WalkPlan(
            refresh_id=new_id(),
            run_id=self.mirror.run_id,
            category=self.category,
            feed=self.feed,
            mode="dump",
            from_version=None,
            to_version=None,
            started_at=started_at,
            path=self.listing.url.path,
            record_source=source.name,
            carried=source.carried,
            header=header,
            made_after=made_after,
        )


def stage_rows(staged: StagedWalk, dump: Dump, dated_at: datetime, shown: JobProgress) -> None:
    """Keep every row, a page a chunk; each names the line that the next begins at.

    A dump without rows is one page without any, which keeps the dump's day.

    Raises:
        FeedError: the dump cannot be read to its end.
        LakeUnwritableError: there is no room.
    """
    chunks = dump.chunks()
    first = next(chunks, NO_ROWS)
    for number, (chunk, following) in enumerate(pairwise(chain([first], chunks, [None])), start=1):
        if chunk is None:
            return
        row = StagedPage(
            page_number=number,
            cursor=str(chunk.first_line),
            next_cursor=str(following.first_line) if following else None,
            next_path=f"{staged.plan.path}#{following.first_line}" if following else None,
            last_product_id=None,
            record_count=chunk.row_count,
            rejected_count=len(chunk.rejected),
            byte_count=chunk.byte_count,
            content_hash="",
            fetched_at=dated_at,
            path=f"{staged.plan.path}#{chunk.first_line}",
        )
        staged.add(ReadPage(row, chunk.frame, chunk.rejected))
        shown.page(chunk.row_count)
