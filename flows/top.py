"""The top sellers of a category: a list by rank, kept each time it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from feeds.errors import RequestRefusedError
from feeds.signed_url import SignedUrl
from flows.listings import Listings
from flows.mirror import Mirror
from flows.progress import JobProgress
from flows.staged_walk import open_list, stage_walk
from storage.refreshes import RefreshRow


@dataclass(slots=True)
class TopFeed:
    """Reads one category's list; its products are merged as observations."""

    feed: ClassVar[str] = "top"

    mirror: Mirror
    listings: Listings
    category: str

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Read the list and merge what is new in it; nothing new writes nothing."""
        path, source = self._link().path, self.mirror.source
        staged = open_list(self.mirror, self.feed, self.category, path, source)
        staged = await stage_walk(self.mirror, self.listings, staged.plan, self._link, shown)
        shown.stage = "merging"
        return await self.mirror.merge(staged)

    def _link(self) -> SignedUrl:
        link = self.listings[self.category].top
        if link is None:
            raise RequestRefusedError(f"{self.category} has no list of top sellers any more")
        return link
