"""The directory as a run holds it: read once, and anew when its links have died."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from feeds.client import Client
from feeds.directory import Listing, choose, decode_directory, directory_path
from feeds.signed_url import SignedUrl


class Listings:
    """The categories of a run, each with links that are fresh or can be made so.

    Attributes:
        edition: how often the directory was read.
    """

    def __init__(self, client: Client, listings: dict[str, Listing]) -> None:
        """Use `Listings.read`."""
        self._client = client
        self._listings = listings
        self.edition = 1
        self._turn = asyncio.Lock()

    @classmethod
    async def read(cls, client: Client) -> Listings:
        """Read the directory.

        Raises:
            FeedError: it cannot be read.
        """
        return cls(client, await _read(client))

    def __getitem__(self, category: str) -> Listing:
        """Return a category's links, as fresh as they are known."""
        return self._listings[category]

    def choose(self, categories: Iterable[str]) -> list[Listing]:
        """Return the named categories, all of them for none.

        Raises:
            UnknownCategoryError: a name that is not listed.
        """
        return choose(self._listings, categories)

    async def renew(self, edition: int) -> int:
        """Return a later edition than the one given; walks whose links die together read one."""
        async with self._turn:
            if self.edition <= edition:
                self._listings |= await _read(self._client)
                self.edition += 1
            return self.edition


async def _read(client: Client) -> dict[str, Listing]:
    url = SignedUrl.parse(client.origin + directory_path(client.affiliate_id))
    return await client.fetch(url, decode_directory)
