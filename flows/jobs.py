"""Which jobs a run has: the feeds asked for, of the categories asked for."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.directory import choose
from flows.books import BooksFeed
from flows.dumps import DumpFeed, read_dump_directory
from flows.errors import WrongCallError
from flows.feed import EVERY_DAY, Feed
from flows.listings import Listings
from flows.mirror import Job, Mirror
from flows.products import ProductFeed
from flows.top import TopFeed
from storage.refreshes import dumped_at, mirrored_versions


async def plan_jobs(
    mirror: Mirror,
    categories: Sequence[str] = (),
    feeds: Sequence[Feed] = EVERY_DAY,
    *,
    full: bool = False,
    in_stock: bool = False,
) -> list[Job]:
    """Read the directory and return what is to do, product feeds first.

    The books are one tree: they are read where no category is named, or `books` is.

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
        chosen = listings.choose(named)
        versions = await mirror.in_lake(mirrored_versions)
        if Feed.PRODUCT in feeds:
            jobs += [
                ProductFeed(
                    mirror, listings, one.category, versions.get(one.category), full, in_stock
                )
                for one in chosen
            ]
        if Feed.TOP in feeds:
            jobs += [TopFeed(mirror, listings, one.category) for one in chosen if one.top]
    if wants_books:
        jobs.append(BooksFeed(mirror))
    if wants_categories and Feed.DUMP in feeds:
        jobs += await _dumps(mirror, named)
    return jobs


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
