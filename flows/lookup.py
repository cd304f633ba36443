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
from flows.errors import WrongCallError
from flows.link_input import typed
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
        WrongCallError: neither an id nor a link that holds one was given.
        FailCategoryError: the vendor knows none with this id, or its record cannot be taken.
        FeedError: the vendor does not answer.
    """

    async def ask(client: Client) -> Page:
        page = await look_up(client, wanted, dialect_of(settings))
        if page is None:
            raise FailCategoryError(
                f"the vendor knows no product {wanted!r}; check the id, or look for it with "
                "`feedlake search`"
            )
        return page

    wanted = _product_id(product_id)
    return asyncio.run(_find(settings, wanted, ask))


def find_by_words(settings: Settings, words: str, limit: int) -> Found:
    """Ask for the products that fit some words.

    Raises:
        FailCategoryError: the vendor knows none.
        FeedError: the vendor does not answer.
    """

    async def ask(client: Client) -> Page:
        page = await search(client, words, limit, dialect_of(settings))
        if page is None:
            raise FailCategoryError(
                f"the vendor knows no product for {words!r}; try other or fewer words"
            )
        return page

    return asyncio.run(_find(settings, words, ask))


def _product_id(text: str) -> str:
    """Return the id that was typed, or that a link to the product holds.

    Raises:
        WrongCallError: there is none in it.
    """
    wanted = next(typed([text], None), None)
    if wanted is None or wanted.product_id is None:
        raise WrongCallError(
            f"{text!r} holds no product id; name one, or a link to the product that has its pid"
        )
    return wanted.product_id


async def _find(
    settings: Settings, question: str, ask: Callable[[Client], Awaitable[Page]]
) -> Found:
    async with open_client(settings) as client:
        page = await ask(client)
    if page.frame.is_empty():
        first = page.rejected[0]
        raise FailCategoryError(
            f"the vendor's record for {question!r} cannot be taken ({first.reason}: "
            f"{first.detail}); nothing was kept, try again later"
        )
    return Found(page, await _keep(settings, question, page))


async def _keep(settings: Settings, question: str, page: Page) -> str | None:
    """Merge what was found; return why it was not, None where it was."""
    if not LakeFolder(settings.lake).exists():
        return f"there is no lake at {settings.lake} to keep them in"
    try:
        # Who asks for a product wants its answer now: the lake is not waited for.
        await _merge(settings.model_copy(update={"wait": 0}), question, page)
    except LakeBusyError as error:
        return f"not kept in the lake: {error}"
    return None


async def _merge(settings: Settings, question: str, page: Page) -> None:
    async with open_mirror(settings, Progress()) as mirror:
        staged = open_list(mirror, FEED, FEED, question, mirror.source)
        await stage_pages(staged, read_page(page, number=1, path=question, cursor=question))
        await mirror.merge(staged)
