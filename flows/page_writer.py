"""Writing the pages of a walk, some of them together, while the next is asked for.

A file costs as much as the records of half a page, whatever is in it, and again when it is merged.
What a kill finds unwritten is asked for again: a moment of the walk.
"""

from __future__ import annotations

import asyncio
from typing import Self

from flows.mirror import Mirror
from storage.staging import ReadPage, StagedWalk

PAGES_TOGETHER = 4
"""Pages of a walk in one file."""

_SECONDS = 5.0
"""How long a page may wait for others."""

_UNWRITTEN = 64
"""Pages of all walks of a run that may wait: some 100 MB."""


class PageWriter:
    """Writes the pages of one walk, in order.

    Use it as a context: at its end everything that was taken is written, or an error says why not.
    """

    def __init__(self, mirror: Mirror, staged: StagedWalk) -> None:
        """Write to a staged walk; the run's mirror counts what waits."""
        self._mirror = mirror
        self._staged = staged
        self._waiting: list[ReadPage] = []
        self._writing: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Return the writer itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits."""
        self._begin()
        await self._written()

    async def take(self, page: ReadPage) -> None:
        """Write a page soon.

        Raises:
            LakeUnwritableError: an earlier one could not be written; no later one is.
        """
        self._waiting.append(page)
        self._mirror.unwritten_pages += 1
        if len(self._waiting) >= PAGES_TOGETHER or self._mirror.unwritten_pages >= _UNWRITTEN:
            await self._written()
            self._begin()
        elif not self._alarm:
            self._alarm = asyncio.get_running_loop().call_later(_SECONDS, self._begin)

    def _begin(self) -> None:
        """Begin to write what waits, once those before it are written."""
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        pages, self._waiting = self._waiting, []
        self._writing = asyncio.create_task(self._write(pages, self._writing))

    async def _write(self, pages: list[ReadPage], before: asyncio.Task[None] | None) -> None:
        try:
            if before:
                await before
            if pages:
                await stage_pages(self._staged, *pages)
        finally:
            self._mirror.unwritten_pages -= len(pages)

    async def _written(self) -> None:
        if self._writing:
            # A run that is told to stop still keeps what it has read.
            await asyncio.shield(self._writing)


async def stage_pages(staged: StagedWalk, *pages: ReadPage) -> None:
    """Keep some pages; the disk is written beside the event loop."""
    await asyncio.to_thread(staged.add, *pages)
