"""The product feed of a category: nothing, the changes, everything, or what is in stock.

The version is asked for before the walk starts: what changes upstream during the walk is then in
the next delta. A walk of what is in stock asks for no version, moves none, takes nothing away and
brings nothing back. No delta is ever filtered: it would hide what went out of stock.

A full walk that is due by its age (`flows.full_walks`) takes the place of a delta, and is made
where the version is the same too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from feeds.directory import Listing
from feeds.errors import FeedError, RequestRefusedError, StopRunError
from feeds.signed_url import SignedUrl
from flows.listings import Listings
from flows.mirror import Mirror
from flows.progress import JobProgress
from flows.staged_walk import stage_walk
from storage.errors import MergeRefusedError
from storage.refreshes import RefreshRow, new_id
from storage.staging import WalkPlan
from storage.standing import Standing

Mode = Literal["skip", "delta", "full"]


@dataclass(slots=True)
class ProductFeed:
    """Brings one category to its current version.

    Attributes:
        category: its name in the directory.
        listings: the directory, which can be read anew.
        mirrored: the version the mirror stands at; None before the first full walk.
        full: whether to walk everything in any case.
        in_stock: whether to walk what is in stock instead.
        due: where it stands, if its full walk is due by its age; None if not.
    """

    feed: ClassVar[str] = "product"

    mirror: Mirror
    listings: Listings
    category: str
    mirrored: int | None
    full: bool
    in_stock: bool = False
    due: Standing | None = None

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Ask for the version, then skip, follow the delta or walk everything."""
        started_at = datetime.now(UTC)
        if self.in_stock:
            return await self._walk(self._plan("in_stock", self.mirrored, started_at), shown)
        shown.stage, shown.mode = "asking", "delta" if self.mirrored is not None else "full"
        version = await self.listings.version(self.category)
        mode = mode_for(version, self.mirrored, full=self.full)
        if mode == "full":
            return await self._walk(self._plan("full", version, started_at), shown)
        if self.due and (row := await self._walk_due(self.due, version, started_at, shown)):
            return row
        if mode == "skip":
            shown.mode = "skip"
            return self.mirror.row(self, "skip", started_at, version=version)
        try:
            return await self._walk(self._plan("delta", version, started_at), shown)
        except RequestRefusedError:
            # The upstream keeps changes for some time only: an older mirror starts anew.
            return await self._walk(self._plan("full", version, started_at), shown)

    async def _walk_due(
        self, due: Standing, version: int | None, started_at: datetime, shown: JobProgress
    ) -> RefreshRow | None:
        """Walk everything because of the age of the last full walk.

        Where that fails the category still gets its changes: in the same run where its guard
        refused the walk, or where the walk failed in an earlier run too. A walk that fails for the
        first time withholds them for one run, which goes on where it was: a delta that is merged
        in between would make its pages older than the mirror.

        Returns:
            Its row; None where it failed and is recorded, and the changes are to be taken.

        Raises:
            FeedError: it failed for the first time, or nothing more can work in this run.
        """
        shown.mode = "full"
        try:
            return await self._walk(self._plan("full", version, started_at), shown)
        except StopRunError:
            raise
        except (FeedError, MergeRefusedError) as error:
            if isinstance(error, FeedError) and not due.failed_full_count:
                raise
            if isinstance(error, MergeRefusedError):
                # The next try must see what the upstream says then.
                self.mirror.staging.open(self._plan("full", version, started_at)).discard()
            self.mirror.rows.append(self.mirror.row(self, "full", started_at, error=error))
            self.mirror.notes.append(
                f"{self.category}: its full walk is due by its age and failed; its changes were "
                "taken without it, and deleted products may stay listed until it succeeds"
            )
            return None

    def _plan(self, mode: str, version: int | None, started_at: datetime) -> WalkPlan:
        return WalkPlan(
            refresh_id=new_id(),
            run_id=self.mirror.run_id,
            category=self.category,
            feed=self.feed,
            mode=mode,
            from_version=self.mirrored,
            to_version=version,
            started_at=started_at,
            path=_first_link(self.listings[self.category], mode, self.mirrored).path,
            record_source=self.mirror.source.name,
            carried=self.mirror.source.carried,
        )

    async def _walk(self, plan: WalkPlan, shown: JobProgress) -> RefreshRow:
        def link() -> SignedUrl:
            return _first_link(self.listings[self.category], plan.mode, plan.from_version)

        staged = await stage_walk(self.mirror, self.listings, plan, link, shown)
        shown.stage = "merging"
        return await self.mirror.merge(staged)


def mode_for(version: int | None, mirrored: int | None, *, full: bool) -> Mode:
    """Return what brings a category to the upstream's version, as far as the versions tell.

    Args:
        version: the upstream's; None where it names none.
        mirrored: the mirror's; None before the first full walk.
        full: whether to walk everything in any case.
    """
    if full or version is None or mirrored is None or version < mirrored:
        return "full"
    return "skip" if version == mirrored else "delta"


def _first_link(listing: Listing, mode: str, from_version: int | None) -> SignedUrl:
    if mode == "delta" and listing.delta is not None and from_version is not None:
        return listing.delta.from_version(from_version)
    return listing.product.in_stock() if mode == "in_stock" else listing.product
