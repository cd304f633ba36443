"""Walking a feed: from its first link through every `nextUrl` to the end.

Only a missing, null or empty `nextUrl` ends a walk: pages come short in the middle, and an empty
page with a `nextUrl` is no end (captured answers). A chain that leads back to a page already
read, or that never ends, fails the category instead of hiding a hole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from feeds.client import Client
from feeds.errors import (
    ForeignLinkError,
    LinkExpiredError,
    LinkRefusedError,
    WalkLoopError,
    WalkTooLongError,
)
from feeds.page import Page, decode_page
from feeds.signed_url import SignedUrl

MAX_PAGES = 200_000
"""A hundred million products in one category: no category has as many."""

MAX_EMPTY_PAGES = 1_000
"""Empty pages in a row that a walk follows before it calls the chain endless."""

_RESIGNS = 2
"""Another walk may have read a directory that has died since: the second is this walk's own."""

Resign = Callable[[], Awaitable[SignedUrl]]
"""Returns the category's link from a directory read since it was last called."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a walk and its place in the chain.

    Attributes:
        number: from 1.
        path: the page's path, without signature.
        cursor: the last part of that path; the resume key.
        next_cursor: the cursor of the page after it; None at the end.
        next_path: the path of the page after it, without signature; None at the end.
        page: what it said.
    """

    number: int
    path: str
    cursor: str
    next_cursor: str | None
    next_path: str | None
    page: Page


@dataclass(slots=True)
class Walk:
    """Follows one chain of pages.

    Args:
        client: asks for the pages.
        first: the link the chain starts with.
        resign: called once per expired or refused link.
        seen: paths already read, for a walk that resumes.
        number: pages already read.
    """

    client: Client
    first: SignedUrl
    resign: Resign
    seen: set[str] = field(default_factory=set)
    number: int = 0
    _empty_run: int = 0

    async def steps(self, start: SignedUrl | None = None) -> AsyncIterator[Step]:
        """Yield every page from `start` (the first link by default) to the end of the chain.

        Raises:
            FeedError: the chain cannot be followed to its end.
        """
        url: SignedUrl | None = start or self.first
        while url:
            self._note(url)
            page = await self._fetch(url)
            following = self._following(page)
            self.number += 1
            self._guard(page)
            yield Step(
                number=self.number,
                path=url.path,
                cursor=url.cursor,
                next_cursor=following.cursor if following else None,
                next_path=following.path if following else None,
                page=page,
            )
            url = following

    async def _fetch(self, url: SignedUrl) -> Page:
        for _ in range(_RESIGNS):
            try:
                return await self.client.fetch(url, decode_page)
            except (LinkExpiredError, LinkRefusedError):
                # The cursor in the path outlives the signature around it.
                url = (await self.resign()).at_path(url.path)
        return await self.client.fetch(url, decode_page)

    def _following(self, page: Page) -> SignedUrl | None:
        if page.next_url is None:
            return None
        try:
            return SignedUrl.parse(page.next_url).like(self.first)
        except ValueError as error:
            raise ForeignLinkError(f"a nextUrl is no link ({error}); try again later") from error

    def _note(self, url: SignedUrl) -> None:
        if url.path in self.seen:
            raise WalkLoopError(
                f"after page {self.number}, nextUrl leads back to {url.path}, already read; "
                "nothing of this walk was merged, try again later"
            )
        self.seen.add(url.path)

    def _guard(self, page: Page) -> None:
        self._empty_run = 0 if page.record_count else self._empty_run + 1
        if self.number >= MAX_PAGES or self._empty_run >= MAX_EMPTY_PAGES:
            raise WalkTooLongError(
                f"the chain goes on after {self.number} pages, the last {self._empty_run} empty; "
                "nothing of this walk was merged, try again later"
            )
