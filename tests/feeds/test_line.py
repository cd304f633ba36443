"""Standing in line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from feeds.budget import Budget
from feeds.line import Desk, place


async def _placed(number: int, work: Callable[[], Coroutine[None, None, None]]) -> None:
    place.set(number)
    await work()


def test_the_best_place_goes_first() -> None:
    """Whoever waits goes by place, and equals as they came."""

    async def in_line() -> list[str]:
        desk, went = Desk(1), []

        def named(name: str) -> Callable[[], Coroutine[None, None, None]]:
            async def work() -> None:
                async with desk.seat():
                    went.append(name)

            return work

        async with desk.seat():
            places = [("third", 2), ("first", 0), ("second", 1), ("last", 2)]
            waiting = [asyncio.create_task(_placed(one, named(name))) for name, one in places]
            await asyncio.sleep(0)
            assert went == []
        await asyncio.gather(*waiting)
        return went

    assert asyncio.run(in_line()) == ["first", "second", "third", "last"]


def test_so_many_are_in_at_a_time() -> None:
    """Two seats never hold three, and everybody gets one."""

    async def crowd() -> tuple[int, int]:
        desk, inside, most, done = Desk(2), 0, 0, 0

        async def work() -> None:
            nonlocal inside, most, done
            async with desk.seat():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1
            done += 1

        await asyncio.gather(*(work() for _ in range(9)))
        return most, done

    assert asyncio.run(crowd()) == (2, 9)


def test_a_turn_is_not_lost_with_who_waited_for_it() -> None:
    """Who is cancelled while waiting, or just as the turn comes, passes it on."""

    async def cancelled() -> bool:
        desk = Desk(1)
        async with desk.seat():
            gone = asyncio.create_task(_once(desk))
            late = asyncio.create_task(_once(desk))
            await asyncio.sleep(0)
            gone.cancel()
        late.cancel()  # it was given the turn at the end of the block, and has not run since
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(gone, late)
        await asyncio.wait_for(_once(desk), 1)
        return True

    assert asyncio.run(cancelled())


async def _once(desk: Desk) -> None:
    async with desk.seat():
        pass


def test_requests_leave_by_place() -> None:
    """Two walks that ask at the same time do not share the quota: the first ends first."""

    async def walks() -> list[int]:
        budget, left = Budget(200), []

        async def walk() -> None:
            for _ in range(8):
                await budget.slot()
                left.append(place.get())
                await asyncio.sleep(0)

        await asyncio.gather(*(_placed(number, walk) for number in (1, 0)))
        return left

    left = asyncio.run(walks())
    # Some leave at once, whoever asks; shared, the last would be the fourteenth at the earliest.
    assert max(n for n, one in enumerate(left) if one == 0) < 12
