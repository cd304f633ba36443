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

_WIDER = 1.02
_WIDEST_SECONDS = 1.25

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
        self._window = _WINDOW_SECONDS
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
            interval = self._window / self.per_second
            earliest = slot.sent_at - _CATCH_UP_SLOTS * interval
            self._next_slot = max(self._next_slot, earliest) + interval
            self._given.append(slot)
            return slot

    def pause(self, seconds: float) -> None:
        """Let nobody send for so many seconds, and be slower from then on.

        The upstream said that it was too much: the way there is less even than was thought.
        """
        self._window = min(self._window * _WIDER, _WIDEST_SECONDS)
        self._next_slot = max(self._next_slot, time.monotonic() + seconds)

    def _recent(self) -> list[Slot]:
        """The slots given that are still in the window."""
        start = time.monotonic() - self._window
        self._given = [slot for slot in self._given if slot.sent_at > start]
        return self._given

    def _oldest(self) -> float:
        """When the first of the slots given leaves the window."""
        return min(slot.sent_at for slot in self._given) + self._window

    @staticmethod
    async def _sleep_until(moment: float) -> None:
        delay = moment - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
