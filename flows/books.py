"""The tree of book categories and the best books of each.

The tree is crossed breadth first, under the same budget as everything else. A category whose list
cannot be read keeps the one it had; the others are merged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import polars as pl

from feeds.books import (
    BookCategory,
    BookTree,
    books_directory_path,
    decode_books_directory,
    decode_xml_books_directory,
)
from feeds.client import Client
from feeds.dialect import V1_JSON, Dialect
from feeds.errors import FeedError, RefreshDirectoryError
from feeds.page import Page
from feeds.signed_url import SignedUrl
from feeds.walk import doubting_damage
from flows.mirror import Mirror, source_of
from flows.page_writer import stage_pages
from flows.progress import JobProgress
from flows.staged_walk import open_list, read_page
from storage.book_tree import with_standing_nodes
from storage.refreshes import RefreshRow
from storage.staging import StagedWalk

_SIDE_BY_SIDE = 8


@dataclass(slots=True)
class BooksFeed:
    """Reads the tree and every list in it."""

    feed: ClassVar[str] = "books"
    category: ClassVar[str] = "books"

    mirror: Mirror

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Read the tree and its lists, and merge what is new in them."""
        shown.stage = "asking"
        tree = await read_tree(self.mirror.client, self.dialect)
        path, source = _tree_path(self.mirror.client, self.dialect), source_of(self.dialect)
        staged = open_list(self.mirror, self.feed, self.category, path, source)
        shown.walk("list")
        failures = await self._read_lists(tree.nodes, staged, shown)
        shown.stage = "merging"
        if failures and not staged.pages:
            raise failures[0][1]
        frame = _frame(tree.nodes)
        if tree.faults:
            # What a node that cannot be used may have said is not known: nothing leaves the tree.
            frame = await self.mirror.in_lake(with_standing_nodes, frame)
        row = await self.mirror.merge(staged, source=source, tree=frame)
        failures = [*tree.faults, *failures]
        count = len(tree.nodes) + len(tree.faults)
        return _with_failures(row, failures, count) if failures else row

    @property
    def dialect(self) -> Dialect:
        """What books are spoken of in."""
        return books_dialect(self.mirror.dialect)

    async def _read_lists(
        self, nodes: list[BookCategory], staged: StagedWalk, shown: JobProgress
    ) -> list[tuple[str, FeedError]]:
        """Stage every list; return what went wrong, with its code."""
        failures: list[tuple[str, FeedError]] = []
        turn = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def read(number: int, node: BookCategory) -> None:
            async with turn:
                try:
                    page = await self._read_list(node)
                except FeedError as error:
                    failures.append((node.code, error))
                    return
            read = read_page(page, number=number, path=node.url.path, cursor=node.code)
            await stage_pages(staged, read)
            shown.page(page.record_count, page.repair_count)

        await asyncio.gather(*(read(number, node) for number, node in enumerate(nodes, start=1)))
        return failures

    async def _read_list(self, node: BookCategory) -> Page:
        decode = doubting_damage(self.dialect.decode_page)
        try:
            return await self.mirror.client.fetch(node.url, decode)
        except RefreshDirectoryError:
            tree = await read_tree(self.mirror.client, self.dialect)
            fresh = {one.code: one.url for one in tree.nodes}
            url = fresh.get(node.code, node.url)
            return await self.mirror.client.fetch(url, decode)


def books_dialect(spoken: Dialect) -> Dialect:
    """Return what books are spoken of in where the rest is in this: v0.1.0 has none of them."""
    return spoken if spoken.api_version == V1_JSON.api_version else V1_JSON


async def read_tree(client: Client, dialect: Dialect) -> BookTree:
    """Return the tree.

    Raises:
        FeedError: it cannot be read.
    """
    is_xml = dialect.extension == "xml"
    decode = decode_xml_books_directory if is_xml else decode_books_directory
    return await client.fetch(SignedUrl(client.origin, _tree_path(client, dialect), ""), decode)


def _tree_path(client: Client, dialect: Dialect) -> str:
    return books_directory_path(client.affiliate_id, dialect.extension)


def _frame(nodes: list[BookCategory]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "code": [node.code for node in nodes],
            "name": [node.name for node in nodes],
            "parent_code": [node.parent_code for node in nodes],
            "depth": [node.depth for node in nodes],
            "path": [list(node.path) for node in nodes],
        },
        schema={
            "code": pl.String,
            "name": pl.String,
            "parent_code": pl.String,
            "depth": pl.Int32,
            "path": pl.List(pl.String),
        },
    )


def _with_failures(
    row: RefreshRow, failures: Sequence[tuple[str, FeedError]], count: int
) -> RefreshRow:
    code, error = failures[0]
    message = f"{len(failures)} of {count} lists kept as they were; {code}: {error}"
    return msgspec.structs.replace(row, status="failed", error=message)
