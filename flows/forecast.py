"""What a refresh would do, asked of the directory and the versions alone; nothing is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feeds.client import Client, Patience
from feeds.directory import Listing, choose
from feeds.dump.directory import DumpListing
from feeds.errors import FeedError, StopRunError
from feeds.signed_url import SignedUrl
from flows.account import dialect_of, open_client
from flows.books import books_dialect, read_tree
from flows.dumps import read_dump_directory
from flows.feed import EVERY_DAY, Feed
from flows.full_walks import due_for_full
from flows.listings import Listings
from flows.products import mode_for
from flows.settings import Settings
from flows.unlisted import MODE as UNLISTED
from flows.unlisted import Unlisted, advice, find_unlisted
from storage.forecast import Experience, read_experience
from storage.lake import LakeFolder
from storage.standing import Standing

LINK_SECONDS = 36_000.0
"""How long a link lives where it does not say (vendor's reference: 10 hours)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One feed of one category, as a refresh would find it.

    Attributes:
        mode: `skip`, `delta`, `full`, `list` or `dump`; `unknown` where the version was refused,
            `unlisted` where the directory lists no such category.
        mirrored_version: where the mirror stands; None before the first full walk, and for lists.
        version: where the upstream stands; None for lists.
        pages: how many there may be; None where nothing tells.
        most_pages: a bound where `pages` is None; None where nothing bounds it.
        page_seconds: from a page to the next, as observed.
        link_seconds: what is left of the link's life.
        note: what a person should know about the figures.
        error: why the upstream did not say.
        last_full_at: when the category's last full walk began, UTC; None for none, and for lists.
        is_due: whether a full walk is due because of its age.
    """

    category: str
    feed: str
    mode: str
    mirrored_version: int | None = None
    version: int | None = None
    pages: int | None = None
    most_pages: int | None = None
    page_seconds: float | None = None
    link_seconds: float | None = None
    note: str = ""
    error: str | None = None
    last_full_at: datetime | None = None
    is_due: bool = False

    @property
    def requests(self) -> int:
        """Requests, at the least where the pages are not known."""
        if self.mode == UNLISTED:
            return 0
        asks_version = self.feed == Feed.PRODUCT
        return asks_version + (1 if self.pages is None else self.pages)

    @property
    def seconds(self) -> float | None:
        """How long its pages take, one after the other; None where nothing tells."""
        if self.pages is None or self.page_seconds is None:
            return None
        return self.pages * self.page_seconds

    @property
    def fits_link(self) -> bool | None:
        """Whether its pages are read before its link dies; None where nothing tells."""
        if self.seconds is None or self.link_seconds is None:
            return None
        return self.seconds <= self.link_seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh would do.

    Attributes:
        quota: requests a second; 0 for none.
        directories: directories that it reads first.
        forecasts: product feeds first.
    """

    quota: float
    directories: int
    forecasts: list[Forecast] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the pages of everything are known; sums are at the least otherwise."""
        return all(one.pages is not None for one in self.forecasts)

    @property
    def pages(self) -> int:
        """Pages known of."""
        return sum(one.pages or 0 for one in self.forecasts)

    @property
    def requests(self) -> int:
        """Requests known of."""
        return self.directories + sum(one.requests for one in self.forecasts)

    @property
    def seconds(self) -> float:
        """How long it takes: as the quota lets it, and no shorter than its longest chain."""
        paced = self.requests / self.quota if self.quota else 0.0
        return max([paced, *(one.seconds or 0.0 for one in self.forecasts)])


async def make_plan(
    settings: Settings,
    categories: Sequence[str] = (),
    feeds: Sequence[Feed] = EVERY_DAY,
    *,
    full: bool = False,
    patience: Patience | None = None,
) -> Plan:
    """Ask the upstream and return what a refresh with these arguments would do.

    Raises:
        FeedError: a directory cannot be read, or lists no such category.
        LakeError: the lake cannot be read.
    """
    experience = read_experience(LakeFolder(settings.lake))
    async with open_client(settings, patience) as client:
        return await _Planner(settings, client, experience).plan(categories, feeds, full=full)


class _Planner:
    def __init__(self, settings: Settings, client: Client, experience: Experience) -> None:
        self._quota, self._dialect = settings.quota, dialect_of(settings)
        self._full_every = settings.full_every
        self._client, self._experience = client, experience
        self._measured: float | None = None

    async def plan(self, categories: Sequence[str], feeds: Sequence[Feed], *, full: bool) -> Plan:
        named = [name for name in categories if name != Feed.BOOKS]
        found: list[Forecast] = []
        directories = 0
        if (named or not categories) and {Feed.PRODUCT, Feed.TOP} & set(feeds):
            directories += 1
            listings = await self._directory()
            unlisted = find_unlisted(self._experience.standings, listings.names, named)
            missing = {one.category for one in unlisted}
            wanted = [name for name in named if name not in missing]
            chosen = listings.choose(wanted) if wanted or not named else []
            if Feed.PRODUCT in feeds:
                due = self._due(listings)
                asked = (self._product(one, due, full=full) for one in chosen)
                found += await asyncio.gather(*asked)
            if Feed.PRODUCT in feeds or named:
                found += map(_unlisted, unlisted)
            if Feed.TOP in feeds:
                found += [self._top(one) for one in chosen if one.has_top]
        if Feed.BOOKS in feeds and (not categories or Feed.BOOKS in categories):
            directories += 1
            found.append(await self._books())
        if Feed.DUMP in feeds:
            directories += 1
            found += await self._dumps(named)
        return Plan(self._quota, directories, found)

    async def _directory(self) -> Listings:
        began = time.monotonic()
        listings = await Listings.read(self._client, self._dialect)
        self._measured = time.monotonic() - began
        return listings

    def _due(self, listings: Listings) -> Mapping[str, Standing]:
        listed = (one for name, one in self._experience.standings.items() if name in listings.names)
        return due_for_full(listed, self._full_every)

    async def _product(
        self, listing: Listing, due: Mapping[str, Standing], *, full: bool
    ) -> Forecast:
        category = listing.category
        standing = self._experience.standings.get(category)
        mirrored = standing.version if standing else None
        last_full_at = standing.last_full_at if standing else None
        try:
            life = _life(listing.product)
            version = await self._version(listing.delta)
        except StopRunError:
            raise
        except FeedError as error:
            return Forecast(
                category,
                Feed.PRODUCT,
                "unknown",
                mirrored,
                error=str(error),
                last_full_at=last_full_at,
            )
        mode = mode_for(version, mirrored, full=full)
        is_due = mode != "full" and category in due
        if is_due:
            mode = "full"
        pages, most = self._pages(category, mode, version, mirrored)
        return Forecast(
            category,
            Feed.PRODUCT,
            mode,
            mirrored,
            version,
            pages,
            most,
            self._pace(category),
            life,
            "a full walk is due by its age"
            if is_due
            else _reset_note(version, mirrored) or self._note(category, pages, most, life),
            last_full_at=last_full_at,
            is_due=is_due,
        )

    async def _version(self, link: SignedUrl | None) -> int | None:
        return await self._client.fetch(link, self._dialect.decode_version) if link else None

    def _pages(
        self, category: str, mode: str, version: int | None, mirrored: int | None
    ) -> tuple[int | None, int | None]:
        """Return how many pages, and where that is not known how many at most."""
        known = self._experience.pages_of(Feed.PRODUCT, category)
        if mode == "skip":
            return 0, None
        if mode == "full" or version is None or mirrored is None:
            return known.whole, None
        pages = known.of_delta(version - mirrored)
        return pages, None if pages is not None else known.whole

    def _pace(self, category: str) -> float | None:
        known = self._experience.pace_of(category)
        return self._measured if known is None else known

    def _note(self, category: str, pages: int | None, most: int | None, life: float) -> str:
        if pages is not None:
            return ""
        if most is not None:
            return f"no delta yet; at most the {most:,} pages of everything"
        pace = self._pace(category)
        if not pace:
            return "never walked"
        return f"never walked; a link's life is enough for {int(life / pace):,} pages of 500"

    def _top(self, listing: Listing) -> Forecast:
        known = self._experience.pages_of(Feed.TOP, listing.category).whole
        try:
            life = _life(listing.top)
        except FeedError as error:
            return Forecast(listing.category, Feed.TOP, "unknown", error=str(error))
        return Forecast(
            listing.category,
            Feed.TOP,
            "list",
            pages=known,
            page_seconds=self._pace(listing.category),
            link_seconds=life,
            note="" if known else "never walked; a list has some pages",
        )

    async def _books(self) -> Forecast:
        try:
            tree = await read_tree(self._client, books_dialect(self._dialect))
        except StopRunError:
            raise
        except FeedError as error:
            return Forecast(Feed.BOOKS, Feed.BOOKS, "unknown", error=str(error))
        fault = f"{tree.faults[0][0]}: {tree.faults[0][1]}" if tree.faults else None
        return Forecast(Feed.BOOKS, Feed.BOOKS, "list", pages=len(tree.nodes), error=fault)

    async def _dumps(self, named: Sequence[str]) -> list[Forecast]:
        listings = await read_dump_directory(self._client, self._dialect.api_version)
        return [_dump(one) for one in choose(listings, named)]


def _dump(listing: DumpListing) -> Forecast:
    try:
        life = _life(listing.url)
    except FeedError as error:
        return Forecast(listing.category, Feed.DUMP, "unknown", error=str(error))
    note = "one download; its date and its length are told when it begins"
    return Forecast(listing.category, Feed.DUMP, "dump", link_seconds=life, note=note)


def _unlisted(one: Unlisted) -> Forecast:
    return Forecast(
        one.category,
        Feed.PRODUCT,
        UNLISTED,
        one.standing.version,
        pages=0,
        note="" if one.error else advice(one.category),
        error=one.error,
        last_full_at=one.standing.last_full_at,
    )


def _reset_note(version: int | None, mirrored: int | None) -> str:
    is_reset = version is not None and mirrored is not None and version < mirrored
    return "the upstream went back to an earlier version" if is_reset else ""


def _life(link: SignedUrl | None) -> float:
    until = link.expires_at if link else None
    return (until - datetime.now(UTC)).total_seconds() if until else LINK_SECONDS
