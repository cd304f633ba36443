"""The directory as a run holds it: read once, and anew when its links have died."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, KeysView

from feeds.client import Client
from feeds.dialect import V1_JSON, Dialect
from feeds.directory import Listing, choose, directory_path
from feeds.errors import RefreshDirectoryError
from feeds.signed_url import SignedUrl


class Listings:
    """The categories of a run, each with links that are fresh or can be made so.

    Attributes:
        edition: how often the directory was read.
    """

    def __init__(self, client: Client, dialect: Dialect, listings: dict[str, Listing]) -> None:
        """Use `Listings.read`."""
        self._client = client
        self._dialect = dialect
        self._listings = listings
        self.edition = 1
        self._turn = asyncio.Lock()

    @classmethod
    async def read(cls, client: Client, dialect: Dialect = V1_JSON) -> Listings:
        """Read the directory, with the links of the dialect's API version and format.

        Raises:
            FeedError: it cannot be read.
        """
        return cls(client, dialect, await _read(client, dialect))

    def __getitem__(self, category: str) -> Listing:
        """Return a category's links, as fresh as they are known."""
        return self._listings[category]

    @property
    def names(self) -> KeysView[str]:
        """The categories that the directory lists, whether their entries can be read or not."""
        return self._listings.keys()

    def choose(self, categories: Iterable[str]) -> list[Listing]:
        """Return the named categories, all of them for none.

        Raises:
            UnknownCategoryError: a name that is not listed.
        """
        return choose(self._listings, categories)

    async def version(self, category: str) -> int | None:
        """Return a category's current version, under a fresh link where this one has died.

        Raises:
            FeedError: it cannot be read.
        """
        edition, delta = self.edition, self[category].delta
        if delta is None:
            return None
        try:
            return await self._client.fetch(delta, self._dialect.decode_version)
        except RefreshDirectoryError:
            await self.renew(edition)
            fresh = self[category].delta or delta
            return await self._client.fetch(fresh, self._dialect.decode_version)

    async def renew(self, edition: int) -> int:
        """Return a later edition than the one given; walks whose links die together read one."""
        async with self._turn:
            if self.edition <= edition:
                self._listings |= await _read(self._client, self._dialect)
                self.edition += 1
            return self.edition


async def _read(client: Client, dialect: Dialect) -> dict[str, Listing]:
    path = directory_path(client.affiliate_id, dialect.extension)
    return await client.fetch(SignedUrl(client.origin, path, ""), dialect.decode_directory)
