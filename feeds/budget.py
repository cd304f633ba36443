"""The request budget: so many requests a second, shared by everything in the process.

The vendor grants 20 a second to an account and may end one that goes over it, so a request
waits for its slot. Slots are evenly spaced, and no second holds more of them than the quota. A
slot that was missed by a little is not lost, or the rate would sink with every late wake-up of
the event loop.
"""

from __future__ import annotations

import asyncio
import time

from feeds.line import Line

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
    """Hand out slots at `per_second`, by the place of those who ask.

    Args:
        per_second: the quota; 0 means none.
    """

    def __init__(self, per_second: float) -> None:
        """Start with a free slot."""
        self.per_second = per_second
        self._window = _WINDOW_SECONDS
        self._next_slot = 0.0
        self._given: list[Slot] = []
        self._line: Line[Slot] = Line()
        self._timer: asyncio.TimerHandle | None = None

    async def slot(self) -> Slot:
        """Wait until one more request may be sent."""
        if not self.per_second:
            return Slot()
        turn = self._line.join()
        if self._timer is None:
            self._hand_out()
        return await turn

    def pause(self, seconds: float) -> None:
        """Let nobody send for so many seconds, and be slower from then on.

        The upstream said that it was too much: the way there is less even than was thought.
        """
        self._window = min(self._window * _WIDER, _WIDEST_SECONDS)
        self._next_slot = max(self._next_slot, time.monotonic() + seconds)

    def _hand_out(self) -> None:
        """Give what slots there are, and come back for the next while somebody waits."""
        self._timer = None
        while (delay := self._free_at() - time.monotonic()) <= 0:
            turn = self._line.first()
            if turn is None:
                return
            turn.set_result(self._slot())
        self._timer = asyncio.get_running_loop().call_later(delay, self._hand_out)

    def _slot(self) -> Slot:
        slot = Slot()
        interval = self._window / self.per_second
        earliest = slot.sent_at - _CATCH_UP_SLOTS * interval
        self._next_slot = max(self._next_slot, earliest) + interval
        self._given.append(slot)
        return slot

    def _free_at(self) -> float:
        """When there is a slot: it is its time, and the window has room for it."""
        start = time.monotonic() - self._window
        self._given = [slot for slot in self._given if slot.sent_at > start]
        if len(self._given) < max(1, int(self.per_second)):
            return self._next_slot
        oldest = min(slot.sent_at for slot in self._given)
        return max(self._next_slot, oldest + self._window)
