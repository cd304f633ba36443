"""What the upstream says of one category now, staged to be compared with the mirror."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.errors import OtherProductError
from feeds.lookup import look_up
from feeds.page import Page
from feeds.product.schema import FRAME_SCHEMA
from feeds.signed_url import SignedUrl
from flows.listings import Listings
from flows.lookup import FEED as LOOKUP
from flows.mirror import Mirror
from flows.page_writer import stage_pages
from flows.progress import JobProgress
from flows.staged_walk import read_page, stage_walk
from storage.refreshes import new_id
from storage.staging import ReadPage, StagedWalk, WalkPlan

NEWS = "news"
"""The feed that a delta is staged as when it only explains a difference."""

_AT_ONCE = 32
"""Look-ups that are under way together; the budget says how fast they leave."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One category upstream.

    Attributes:
        mirror: the run that asks; its staging is kept apart from a refresh's.
        listings: the directory.
        category: its name there.
        mirrored: the version that the mirror stands at; None for none.
    """

    mirror: Mirror
    listings: Listings
    category: str
    mirrored: int | None

    async def version(self) -> int | None:
        """Return the version that the category stands at; None where its feed names none.

        Raises:
            FeedError: the directory does not list it, or the upstream does not answer.
        """
        self.listings.choose([self.category])
        return await self.listings.version(self.category)

    async def walk(self, version: int | None, shown: JobProgress) -> StagedWalk:
        """Walk every product, from where an earlier comparison with this mirror left off.

        Args:
            version: the category's, asked for before.
            shown: counts the pages.

        Raises:
            FeedError: the chain cannot be followed to its end; what is staged of it is kept.
        """
        plan = self._plan("product", "full", version, self._product().path)
        return await stage_walk(self.mirror, self.listings, plan, self._product, shown)

    async def news(self, version: int | None) -> StagedWalk | None:
        """Walk the changes since the mirrored version; None where there are none to ask for.

        Raises:
            FeedError: they are refused, as those of long ago are, or cannot be walked.
        """
        mirrored, delta = self.mirrored, self.listings[self.category].delta
        if version is None or mirrored is None or version <= mirrored or delta is None:
            return None

        def link() -> SignedUrl:
            return (self.listings[self.category].delta or delta).from_version(mirrored)

        plan = self._plan(NEWS, "delta", version, link().path)
        # What an earlier run staged of them may lack the newest.
        self.mirror.staging.begin(plan)
        return await stage_walk(self.mirror, self.listings, plan, link, JobProgress())

    async def look_up(self, product_ids: Sequence[str], shown: JobProgress) -> StagedWalk:
        """Look products up one by one; an unknown product makes an empty page.

        One that is answered with another product is unknown.

        Raises:
            FeedError: the upstream does not answer.
        """
        plan = self._plan(LOOKUP, "list", None, f"look-ups of {self.category}")
        staged = self.mirror.staging.begin(plan)
        shown.walk("list")
        for start in range(0, len(product_ids), _AT_ONCE):
            asked = product_ids[start : start + _AT_ONCE]
            pages = await asyncio.gather(*map(self._look_up, asked))
            reads = [
                _looked_up(page, number, product_ids)
                for number, page in enumerate(pages, start=start)
            ]
            await stage_pages(staged, *reads)
            for page in pages:
                shown.page(page.record_count)
        return staged

    async def _look_up(self, product_id: str) -> Page:
        try:
            page = await look_up(self.mirror.client, product_id, self.mirror.dialect)
        except OtherProductError:
            page = None
        return page or Page(None, None, None, None, FRAME_SCHEMA.to_frame(), [], 0, "")

    def _product(self) -> SignedUrl:
        return self.listings[self.category].product

    def _plan(self, feed: str, mode: str, version: int | None, path: str) -> WalkPlan:
        return WalkPlan(
            refresh_id=new_id(),
            run_id=self.mirror.run_id,
            category=self.category,
            feed=feed,
            mode=mode,
            from_version=self.mirrored,
            to_version=version,
            started_at=datetime.now(UTC),
            path=path,
            record_source=self.mirror.source.name,
            carried=self.mirror.source.carried,
        )


def _looked_up(page: Page, number: int, product_ids: Sequence[str]) -> ReadPage:
    after = product_ids[number + 1] if number + 1 < len(product_ids) else None
    return read_page(
        page,
        number=number + 1,
        path=product_ids[number],
        cursor=product_ids[number],
        next_path=after,
        next_cursor=after,
    )
