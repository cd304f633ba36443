"""Walking a feed into staging, from where an earlier run left it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from feeds.errors import RequestRefusedError
from feeds.page import Page
from feeds.signed_url import SignedUrl
from feeds.walk import Step, Walk
from flows.listings import Listings
from flows.mirror import Mirror
from flows.page_writer import PageWriter
from flows.progress import JobProgress
from storage.commit import Source
from storage.refreshes import new_id
from storage.staging import ReadPage, StagedPage, StagedWalk, WalkPlan

FirstLink = Callable[[], SignedUrl]
"""The link that a walk starts with, as fresh as the directory is."""


def open_list(mirror: Mirror, feed: str, category: str, path: str, source: Source) -> StagedWalk:
    """Return an empty staged walk for a list of some products.

    What an earlier run staged of one is forgotten: a list of an hour ago says nothing about now.
    """
    plan = WalkPlan(
        refresh_id=new_id(),
        run_id=mirror.run_id,
        category=category,
        feed=feed,
        mode="list",
        from_version=None,
        to_version=None,
        started_at=datetime.now(UTC),
        path=path,
        record_source=source.name,
        carried=source.carried,
    )
    return mirror.staging.begin(plan)


async def stage_walk(
    mirror: Mirror, listings: Listings, plan: WalkPlan, link: FirstLink, shown: JobProgress
) -> StagedWalk:
    """Return the whole walk, staged.

    Raises:
        FeedError: the chain cannot be followed to its end; what is staged of it is kept.
    """
    staged = mirror.staging.open(plan)
    is_resumed = bool(staged.pages)
    try:
        await _stage(mirror, listings, staged, link, shown)
    except RequestRefusedError:
        if not is_resumed:
            raise
        # The cursor is of no more use to the upstream: walk from the start.
        staged = mirror.staging.begin(plan)
        await _stage(mirror, listings, staged, link, shown)
    return staged


async def _stage(
    mirror: Mirror, listings: Listings, staged: StagedWalk, link: FirstLink, shown: JobProgress
) -> None:
    shown.walk(staged.plan.mode, [page.record_count for page in staged.pages])
    if staged.is_complete:
        return

    edition = listings.edition

    async def resign() -> SignedUrl:
        nonlocal edition
        edition = await listings.renew(edition)
        return link()

    walk = Walk(
        client=mirror.client,
        first=link(),
        decode_page=mirror.dialect.decode_page,
        resign=resign,
        seen={page.path for page in staged.pages},
        number=len(staged.pages),
    )
    start = link().at_path(staged.pages[-1].next_path or "") if staged.pages else None

    async with PageWriter(mirror, staged) as writer:
        async for step in walk.steps(start):
            shown.page(step.page.record_count, step.page.repair_count)
            await writer.take(_page_of(step))


def read_page(
    page: Page,
    *,
    number: int,
    path: str,
    cursor: str,
    next_path: str | None = None,
    next_cursor: str | None = None,
) -> ReadPage:
    """Return a page as a walk keeps it."""
    row = StagedPage(
        page_number=number,
        cursor=cursor,
        next_cursor=next_cursor,
        next_path=next_path,
        last_product_id=page.last_product_id,
        record_count=page.record_count,
        rejected_count=len(page.rejected),
        byte_count=page.byte_count,
        content_hash=page.content_hash,
        fetched_at=datetime.now(UTC),
        path=path,
    )
    return ReadPage(row, page.frame, page.rejected)


def _page_of(step: Step) -> ReadPage:
    return read_page(
        step.page,
        number=step.number,
        path=step.path,
        cursor=step.cursor,
        next_path=step.next_path,
        next_cursor=step.next_cursor,
    )
