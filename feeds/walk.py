"""Walking a feed: from its first link through every `nextUrl` to the end.

Only a missing, null or empty `nextUrl` ends a walk: pages come short in the middle, and an empty
page with a `nextUrl` is no end (captured answers). A chain that leads back to a page already
read, or that never ends, fails the category instead of hiding a hole.

What an outage also answers is doubted: an empty page, or a `nextUrl` that leads back, counts only
when the same is answered again. The answer that is wrong in passing costs no product then. So is
a page with records that are no JSON, or no XML.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from feeds.client import Client
from feeds.errors import (
    ForeignLinkError,
    LinkExpiredError,
    LinkRefusedError,
    PageBrokenError,
    WalkLoopError,
    WalkTooLongError,
)
from feeds.page import Page, decode_page
from feeds.signed_url import SignedUrl

MAX_PAGES = 200_000
"""A hundred million products in one category: no category has as many."""

MAX_EMPTY_PAGES = 1_000
"""Empty pages in a row that a walk follows before it calls the chain endless."""

_DOUBTS = 2
"""How often an empty page in the middle of a walk, or a link that leads back, is not believed."""

_DOUBTS_OF_AN_END = 1
"""Walks often end in an empty page (captured answers): each may cost one request, not two."""

_DOUBTS_OF_DAMAGE = 2
"""How often a page with damaged records is asked for again before the rest of it is taken."""

_RESIGNS = 2
"""Another walk may have read a directory that has died since: the second is this walk's own."""

Resign = Callable[[], Awaitable[SignedUrl]]
"""Returns the category's link from a directory read since it was last called."""


def doubting_damage(decode_page: Callable[[bytes], Page]) -> Callable[[bytes], Page]:
    """Return what decodes the answers for one page, and refuses the first damaged ones.

    A fault in transit is mended by asking again; what the upstream itself writes wrongly is not.
    """
    doubts = 0

    def decode(body: bytes) -> Page:
        nonlocal doubts
        page = decode_page(body)
        if page.damaged_count and doubts < _DOUBTS_OF_DAMAGE:
            doubts += 1
            raise PageBrokenError(f"{page.damaged_count} records are damaged; try again later")
        return page

    return decode


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
        decode_page: reads an answer in the walk's API version and format.
        max_pages: how many the whole chain may have.
        max_empty_pages: how many of them may be empty one after the other.
    """

    client: Client
    first: SignedUrl
    resign: Resign
    seen: set[str] = field(default_factory=set)
    number: int = 0
    decode_page: Callable[[bytes], Page] = decode_page
    max_pages: int = MAX_PAGES
    max_empty_pages: int = MAX_EMPTY_PAGES
    _empty_run: int = 0

    async def steps(self, start: SignedUrl | None = None) -> AsyncIterator[Step]:
        """Yield every page from `start` (the first link by default) to the end of the chain.

        Raises:
            FeedError: the chain cannot be followed to its end.
        """
        url: SignedUrl | None = start or self.first
        while url:
            self.seen.add(url.path)
            page = await self._fetch(url)
            following = self._following(page, url)
            self.number += 1
            self._guard(page, following)
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
        decode = self._doubting(url)
        for _ in range(_RESIGNS):
            try:
                return await self.client.fetch(url, decode)
            except (LinkExpiredError, LinkRefusedError):
                # The cursor in the path outlives the signature around it.
                url = (await self.resign()).at_path(url.path)
        return await self.client.fetch(url, decode)

    def _doubting(self, url: SignedUrl) -> Callable[[bytes], Page]:
        """Return what decodes the answers for one page, and refuses the first doubtful ones."""
        doubts = 0
        decode_page = doubting_damage(self.decode_page)

        def decode(body: bytes) -> Page:
            nonlocal doubts
            page = decode_page(body)
            if doubt := next(self._doubtful(page, url, doubts), None):
                doubts += 1
                raise PageBrokenError(f"after page {self.number}, {doubt}; try again later")
            return page

        return decode

    def _doubtful(self, page: Page, url: SignedUrl, doubts: int) -> Iterator[str]:
        following = self._following(page, url)
        if following and following.path in self.seen and doubts < _DOUBTS:
            yield "a nextUrl leads back"
        is_end = following is None and self.number > 0
        if not page.record_count and doubts < (_DOUBTS_OF_AN_END if is_end else _DOUBTS):
            yield "a page came empty"

    def _following(self, page: Page, url: SignedUrl) -> SignedUrl | None:
        if page.next_url is None:
            return None
        try:
            return SignedUrl.parse(page.next_url, url).like(self.first)
        except ValueError as error:
            raise ForeignLinkError(f"a nextUrl is no link ({error}); try again later") from error

    def _guard(self, page: Page, following: SignedUrl | None) -> None:
        # Before the page counts: what is kept of the walk must not lead back for ever after.
        if following and following.path in self.seen:
            raise WalkLoopError(
                f"after page {self.number}, nextUrl leads back to {following.path}, already read; "
                "nothing of this walk was merged, try again later"
            )
        self._empty_run = 0 if page.record_count else self._empty_run + 1
        if self.number >= self.max_pages or self._empty_run >= self.max_empty_pages:
            raise WalkTooLongError(
                f"the chain goes on after {self.number} pages, the last {self._empty_run} empty; "
                "nothing of this walk was merged, try again later"
            )
