"""The request budget: so many requests a second, shared by everything in the process.

The vendor grants 20 a second to an account and may end one that goes over it, so a request
waits for its slot. Slots are evenly spaced, and no second holds more of them than the quota. A
slot that was missed by a little is not lost, or the rate would sink with every late wake-up of
the event loop.
"""

from __future__ import annotations

import asyncio
import time

_WINDOW_SECONDS = 1.015
"""One second and what one request may travel longer than another: the upstream counts arrivals."""

_CATCH_UP_SLOTS = 2.0


class Slot:
    """Leave to send one request.

    Attributes:
        sent_at: when it left, in monotonic seconds; when leave was given until that is known.
    """

    __slots__ = ("sent_at",)

    def __init__(self) -> None:
        """Give leave now."""
        self.sent_at = time.monotonic()

    def leave(self) -> None:
        """Note that the request leaves now: a connection may have had to be made first."""
        self.sent_at = time.monotonic()


class Budget:
    """Hand out slots at `per_second`, in the order they are asked for.

    Args:
        per_second: the quota; 0 means none.
    """

    def __init__(self, per_second: float) -> None:
        """Start with a free slot."""
        self.per_second = per_second
        self._interval = _WINDOW_SECONDS / per_second if per_second else 0.0
        self._next_slot = 0.0
        self._given: list[Slot] = []
        self._turn = asyncio.Lock()

    async def slot(self) -> Slot:
        """Wait until one more request may be sent."""
        if not self.per_second:
            return Slot()
        async with self._turn:
            await self._sleep_until(self._next_slot)
            while len(self._recent()) >= max(1, int(self.per_second)):
                await self._sleep_until(self._oldest())
            slot = Slot()
            earliest = slot.sent_at - _CATCH_UP_SLOTS * self._interval
            self._next_slot = max(self._next_slot, earliest) + self._interval
            self._given.append(slot)
            return slot

    def pause(self, seconds: float) -> None:
        """Let nobody send for so many seconds: the upstream said that it is too much."""
        self._next_slot = max(self._next_slot, time.monotonic() + seconds)

    def _recent(self) -> list[Slot]:
        """The slots given that are still in the window."""
        start = time.monotonic() - _WINDOW_SECONDS
        self._given = [slot for slot in self._given if slot.sent_at > start]
        return self._given

    def _oldest(self) -> float:
        """When the first of the slots given leaves the window."""
        return min(slot.sent_at for slot in self._given) + _WINDOW_SECONDS

    @staticmethod
    async def _sleep_until(moment: float) -> None:
        delay = moment - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
