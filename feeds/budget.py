"""The request budget: so many requests a second, shared by everything in the process.

The vendor grants 20 a second to an account and may end one that goes over it, so a request
waits for its slot. Slots are evenly spaced, which keeps any window of one second within the
budget; a slot that was missed by a little is not lost, or the rate would sink with every late
wake-up of the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

_CATCH_UP_SLOTS = 2.0
_SAFETY = 0.99


class Budget:
    """Hand out slots at `per_second`, in the order they are asked for.

    Args:
        per_second: the quota; 0 means none.
    """

    def __init__(self, per_second: float) -> None:
        """Start with a free slot."""
        self.per_second = per_second
        self._interval = 1 / (per_second * _SAFETY) if per_second else 0.0
        self._next_slot = 0.0
        self._sent: deque[float] = deque(maxlen=max(1, int(per_second)))
        self._turn = asyncio.Lock()

    async def slot(self) -> None:
        """Wait until one more request may be sent."""
        if not self.per_second:
            return
        async with self._turn:
            await self._sleep_until(self._next_slot)
            if len(self._sent) == self._sent.maxlen:
                await self._sleep_until(self._sent[0] + 1.0)
            now = time.monotonic()
            earliest = now - _CATCH_UP_SLOTS * self._interval
            self._next_slot = max(self._next_slot, earliest) + self._interval
            self._sent.append(now)

    def pause(self, seconds: float) -> None:
        """Let nobody send for so many seconds: the upstream said that it is too much."""
        self._next_slot = max(self._next_slot, time.monotonic() + seconds)

    @staticmethod
    async def _sleep_until(moment: float) -> None:
        delay = moment - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
