"""The top sellers of a category: a list by rank, kept each time it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from feeds.errors import RequestRefusedError
from feeds.signed_url import SignedUrl
from flows.listings import Listings
from flows.mirror import Mirror, new_id
from flows.progress import JobProgress
from flows.staged_walk import stage_walk
from storage.refreshes import RefreshRow
from storage.staging import WalkPlan


@dataclass(slots=True)
class TopFeed:
    """Reads one category's list; its products are merged as observations."""

    feed: ClassVar[str] = "top"

    mirror: Mirror
    listings: Listings
    category: str

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Read the list and merge what is new in it; nothing new writes nothing."""
        plan = WalkPlan(
            refresh_id=new_id(),
            run_id=self.mirror.run_id,
            category=self.category,
            feed=self.feed,
            mode="list",
            from_version=None,
            to_version=None,
            started_at=datetime.now(UTC),
            path=self._link().path,
            record_source=self.mirror.source.name,
        )
        # A list of an hour ago says nothing about now: what is staged of one is read again.
        self.mirror.staging.open(plan).discard()
        staged = await stage_walk(self.mirror, self.listings, plan, self._link, shown)
        shown.stage = "merging"
        return await self.mirror.merge(staged)

    def _link(self) -> SignedUrl:
        link = self.listings[self.category].top
        if link is None:
            raise RequestRefusedError(f"{self.category} has no list of top sellers any more")
        return link
