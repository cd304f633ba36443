"""Asking the vendor for a product or by words; what it says is merged like any observation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from feeds.client import Client
from feeds.errors import FailCategoryError
from feeds.lookup import look_up, search
from feeds.page import Page
from flows.account import dialect_of, open_client
from flows.mirror import open_mirror
from flows.page_writer import stage_pages
from flows.progress import Progress
from flows.settings import Settings
from flows.staged_walk import open_list, read_page
from storage.errors import LakeBusyError
from storage.lake import LakeFolder

FEED = "lookup"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found.

    Attributes:
        page: the products, best first.
        note: why they were not merged; None when they were.
    """

    page: Page
    note: str | None


def find_product(settings: Settings, product_id: str) -> Found:
    """Ask for one product.

    Raises:
        FailCategoryError: the vendor knows none with this id.
        FeedError: the vendor does not answer.
    """

    async def ask(client: Client) -> Page:
        page = await look_up(client, product_id, dialect_of(settings))
        if page is None:
            raise FailCategoryError(
                f"the vendor knows no product {product_id!r}; check the id, or look for it with "
                "`feedlake search`"
            )
        return page

    return asyncio.run(_find(settings, product_id, ask))


def find_by_words(settings: Settings, words: str, limit: int) -> Found:
    """Ask for the products that fit some words.

    Raises:
        FeedError: the vendor does not answer.
    """
    return asyncio.run(_find(settings, words, _searching(settings, words, limit)))


def _searching(settings: Settings, words: str, limit: int) -> Callable[[Client], Awaitable[Page]]:
    return lambda client: search(client, words, limit, dialect_of(settings))


async def _find(
    settings: Settings, question: str, ask: Callable[[Client], Awaitable[Page]]
) -> Found:
    async with open_client(settings) as client:
        page = await ask(client)
    if not LakeFolder(settings.lake).exists():
        return Found(page, f"there is no lake at {settings.lake} to keep them in")
    try:
        # Who asks for a product wants its answer now: the lake is not waited for.
        await _merge(settings.model_copy(update={"wait": 0}), question, page)
    except LakeBusyError as error:
        return Found(page, f"not kept in the lake: {error}")
    return Found(page, None)


async def _merge(settings: Settings, question: str, page: Page) -> None:
    async with open_mirror(settings, Progress()) as mirror:
        staged = open_list(mirror, FEED, FEED, question, mirror.source)
        await stage_pages(staged, read_page(page, number=1, path=question, cursor=question))
        await mirror.merge(staged)
