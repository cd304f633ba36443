"""Standing in line: of those who wait, whoever has the best place goes first.

A run's categories are walked side by side, and each walk is one page after the other. Served in
turn they would all end at the same time, and only then be merged; and the longest, begun as slowly
as the others, would go on alone when they are done. So every job of a run has a place, and what
there is too little of goes by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

place: ContextVar[int] = ContextVar("place", default=0)
"""The place of the task that asks, the least first; equals go as they came."""


class Line(Generic[T]):
    """Who waits for a thing, until it is handed over."""

    def __init__(self) -> None:
        """Start with nobody in it."""
        self._came = count()
        self._waiting: list[tuple[int, int, asyncio.Future[T]]] = []

    def join(self) -> asyncio.Future[T]:
        """Stand in line at the asking task's place, and return what to wait for."""
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (place.get(), next(self._came), turn))
        return turn

    def first(self) -> asyncio.Future[T] | None:
        """Take whoever comes next out of the line; None where nobody waits any more."""
        while self._waiting:
            turn = heappop(self._waiting)[2]
            if not turn.done():
                return turn
        return None


class Desk:
    """Serves so many at a time, and those who wait by their place.

    Args:
        seats: how many.
    """

    def __init__(self, seats: int) -> None:
        """Start with every seat free."""
        self._free = seats
        self._line: Line[None] = Line()

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Wait for a seat, and leave it afterwards."""
        if self._free:
            self._free -= 1
        else:
            await self._called()
        try:
            yield
        finally:
            self._leave()

    async def _called(self) -> None:
        turn = self._line.join()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # called just before: nobody else would be
            raise

    def _leave(self) -> None:
        if turn := self._line.first():
            turn.set_result(None)
        else:
            self._free += 1
