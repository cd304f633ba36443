"""Which jobs a run has: the feeds asked for, of the categories asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feeds.directory import Listing, choose
from flows.books import BooksFeed
from flows.dumps import DumpFeed, read_dump_directory
from flows.errors import WrongCallError
from flows.feed import EVERY_DAY, Feed
from flows.full_walks import due_for_full
from flows.listings import Listings
from flows.mirror import Job, Mirror
from flows.products import ProductFeed
from flows.top import TopFeed
from flows.unlisted import find_unlisted, warnings
from flows.unlisted_feed import UnlistedFeed
from storage.refreshes import dumped_at
from storage.standing import Standing, read_standings


async def plan_jobs(
    mirror: Mirror,
    categories: Sequence[str] = (),
    feeds: Sequence[Feed] = EVERY_DAY,
    *,
    full: bool = False,
    in_stock: bool = False,
) -> list[Job]:
    """Read the directory and return what is to do, product feeds first.

    The books are one tree: they are read where no category is named, or `books` is. A mirrored
    category that the directory does not list is a job that says so.

    Raises:
        WrongCallError: what is in stock is asked for in a way that has no answer.
        FeedError: the directory cannot be read, or lists no such category.
    """
    if in_stock:
        check_in_stock(categories, feeds, full=full)
    named = [name for name in categories if name != Feed.BOOKS]
    wants_books = Feed.BOOKS in feeds and (not categories or Feed.BOOKS in categories)
    wants_categories = bool(named) or not categories
    jobs: list[Job] = []
    if wants_categories and {Feed.PRODUCT, Feed.TOP} & set(feeds):
        listings = await Listings.read(mirror.client, mirror.dialect)
        standings = await mirror.in_lake(read_standings)
        unlisted = find_unlisted(standings, listings.names, named)
        missing = {one.category for one in unlisted}
        wanted = [name for name in named if name not in missing]
        chosen = listings.choose(wanted) if wanted or not named else []
        feed = Feed.PRODUCT if Feed.PRODUCT in feeds else Feed.TOP
        if named or feed == Feed.PRODUCT:
            jobs += [UnlistedFeed(mirror, one, feed) for one in unlisted]
            mirror.notes += warnings(one.category for one in unlisted if not one.error)
        if Feed.PRODUCT in feeds:
            jobs += _products(mirror, listings, chosen, standings, full=full, in_stock=in_stock)
        if Feed.TOP in feeds:
            jobs += [TopFeed(mirror, listings, one.category) for one in chosen if one.has_top]
    if wants_books:
        jobs.append(BooksFeed(mirror))
    if wants_categories and Feed.DUMP in feeds:
        jobs += await _dumps(mirror, named)
    return jobs


def _products(
    mirror: Mirror,
    listings: Listings,
    chosen: Sequence[Listing],
    standings: Mapping[str, Standing],
    *,
    full: bool,
    in_stock: bool,
) -> list[ProductFeed]:
    """Return the product feeds of some categories, and note which are walked for their age."""
    listed = [one for name, one in standings.items() if name in listings.names]
    due = {} if full or in_stock else due_for_full(listed, mirror.full_every)
    found = []
    for one in chosen:
        standing = standings.get(one.category)
        mirrored = standing.version if standing else None
        late = due.get(one.category)
        found.append(ProductFeed(mirror, listings, one.category, mirrored, full, in_stock, late))
    if named := [one.category for one in found if one.due]:
        mirror.notes.append(
            f"a full walk was due by its age (FEEDLAKE_FULL_EVERY): {', '.join(named)}"
        )
    return found


def check_in_stock(categories: Sequence[str], feeds: Sequence[Feed], *, full: bool) -> None:
    """Check a run that is to walk what is in stock: product feeds alone can be filtered.

    Raises:
        WrongCallError: it is to walk everything, or another feed.
    """
    if full:
        raise WrongCallError("--full walks every product and --in-stock does not; leave one out")
    others = [feed for feed in feeds if feed != Feed.PRODUCT]
    if others or Feed.BOOKS in categories:
        named = others[0] if others else Feed.BOOKS
        raise WrongCallError(
            f"--in-stock is for product feeds, and {named} is none; read it without --in-stock"
        )


async def _dumps(mirror: Mirror, named: Sequence[str]) -> list[Job]:
    listings = await read_dump_directory(mirror.client, mirror.dialect.api_version)
    dumped = await mirror.in_lake(dumped_at)
    return [
        DumpFeed(mirror, one.category, one, dumped.get(one.category), mirror.staging.root)
        for one in choose(listings, named)
    ]
