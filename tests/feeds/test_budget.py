"""The request budget."""

from __future__ import annotations

import asyncio
import time

from feeds.budget import Budget


def most_in_a_second(moments: list[float]) -> int:
    """Return how many of the moments stand in the fullest window of one second."""
    return max(sum(start <= one < start + 1.0 for one in moments) for start in moments)


async def _send(budget: Budget, count: int) -> list[float]:
    moments = []

    async def one() -> None:
        slot = await budget.slot()
        slot.leave()
        moments.append(slot.sent_at)

    await asyncio.gather(*(one() for _ in range(count)))
    return moments


def test_no_second_holds_more_than_the_quota() -> None:
    """However many ask at once, and after a pause too, no window of a second is over it."""

    async def bursts() -> list[float]:
        budget = Budget(20)
        first = await _send(budget, 25)
        await asyncio.sleep(0.3)
        return first + await _send(budget, 25)

    assert most_in_a_second(asyncio.run(bursts())) <= 20


def test_a_late_departure_counts_when_it_leaves() -> None:
    """A request whose connection took a while moves the window with it."""

    async def late() -> list[float]:
        budget = Budget(10)
        slots = [await budget.slot() for _ in range(5)]
        await asyncio.sleep(0.4)
        for slot in slots:
            slot.leave()
        return [slot.sent_at for slot in slots] + await _send(budget, 12)

    assert most_in_a_second(asyncio.run(late())) <= 10


def test_no_quota_means_no_waiting() -> None:
    """0 hands out every slot at once."""
    started = time.monotonic()
    asyncio.run(_send(Budget(0), 1000))
    assert time.monotonic() - started < 1.0


def test_a_pause_holds_everybody() -> None:
    """What the upstream asks of one request goes for the account."""

    async def paused() -> float:
        budget = Budget(20)
        budget.pause(0.3)
        started = time.monotonic()
        await budget.slot()
        return time.monotonic() - started

    assert asyncio.run(paused()) >= 0.29
