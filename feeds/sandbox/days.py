"""What happens to a made-up category in a day; the same seed and day always do the same."""

from collections.abc import Callable
from datetime import date
from random import Random

from feeds.sandbox.chance import dice
from feeds.sandbox.slots import Nature, Slots

DAY_ZERO = date(2024, 3, 1)
_TODAY, _QUIET = 8, 9
_LEAST, _MOST = 0.02, 0.05
_GROWTH = 0.006
_RETURNING = 0.1
_WEIGHTS = (60, 22, 8, 10)


def quiet(seed: int, day: int, categories: int) -> int | None:
    """The number of the one category in which nothing happens on a day, if there is one.

    A catalogue of a single category is never quiet, nor is every day.
    """
    number = dice(seed, day, _QUIET).randrange(categories + 1)
    return number if categories > 1 and number < categories else None


def advance(slots: Slots, version: int, day: int, *, spared: Callable[[int], bool]) -> int:
    """Let a day happen: prices, stock and names change, products go, come and return.

    Args:
        slots: The category's places, which are changed.
        version: Its version before the day.
        day: The number of the day, from 1.
        spared: Says of a place that nothing may happen to it today.

    Returns:
        The version after the day, which is higher.
    """
    draw = dice(slots.seed, slots.index, day, _TODAY)
    version += draw.randint(1, 9)
    count = max(1, int(len(slots) * draw.uniform(_LEAST, _MOST)))
    for slot in draw.sample(range(len(slots)), min(count, len(slots))):
        if slots.nature[slot] == Nature.PLAIN and not spared(slot):
            _happen(slots, slot, draw)
            slots.changed_in[slot] = version
    _return_some(slots, version, draw, spared)
    for _ in range(max(1, int(len(slots) * _GROWTH * 2 * draw.random()))):
        slots.append(version)
    return version


def _happen(slots: Slots, slot: int, draw: Random) -> None:
    (event,) = draw.choices(("price", "stock", "name", "end"), _WEIGHTS)
    if slots.gone[slot]:
        slots.gone[slot] = 0
    elif event == "price":
        slots.repriced[slot] += 1
    elif event == "stock":
        slots.stock_turned[slot] ^= 1
    elif event == "name":
        slots.renamed[slot] += 1
    else:
        slots.gone[slot] = 1


def _return_some(slots: Slots, version: int, draw: Random, spared: Callable[[int], bool]) -> None:
    for slot, gone in enumerate(slots.gone):
        back = gone and slots.changed_in[slot] < version and draw.random() < _RETURNING
        if back and not spared(slot):
            slots.gone[slot] = 0
            slots.changed_in[slot] = version
