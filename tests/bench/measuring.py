"""Measuring: processes of their own, pairs in turn, ratios with their spread."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Measured(Generic[T]):
    """What some work gave and took, in a process of its own.

    Attributes:
        result: what it returned.
        seconds: of wall time.
        cpu_seconds: of all its threads.
        peak_bytes: the most memory that the process ever held, libraries included.
    """

    result: T
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def peak(self) -> str:
        """The peak in MiB."""
        return f"{self.peak_bytes / 2**20:,.0f} MiB"


def apart(work: Callable[..., T], *arguments: object) -> Measured[T]:
    """Do some work in a fresh process, so that its memory and its threads are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, work, arguments).result()


def _measured(work: Callable[..., T], arguments: tuple[object, ...]) -> Measured[T]:
    before, began = _cpu_seconds(), time.perf_counter()
    result = work(*arguments)
    seconds = time.perf_counter() - began
    return Measured(result, seconds, _cpu_seconds() - before, _peak_bytes())


def _peak_bytes() -> int:
    # Not `ru_maxrss`: a process begins with that of the one that started it.
    (line,) = [one for one in _STATUS.read_text().splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Spread:
    """Some figures of the same thing."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        """Return median, least and most."""
        return format(self)

    def __format__(self, form: str) -> str:
        """Return median, least and most, each in a number's format; two decimals by default."""
        form = form or ".2f"
        low, high = min(self.values), max(self.values)
        return f"{self.median:{form}} ({low:{form}} to {high:{form}})"

    @classmethod
    def of_ratios(cls, ours: Sequence[float], theirs: Sequence[float]) -> Spread:
        """Return how many times as fast ours is, pair by pair, from seconds."""
        return cls([other / own for own, other in zip(ours, theirs, strict=True)])


def in_turn(
    rounds: int, *works: Callable[[], object], processor: bool = False
) -> list[list[float]]:
    """Time each work once a round, one after the other; return the seconds of each.

    Args:
        rounds: how often.
        works: what to time.
        processor: whether to count processor seconds, of all threads, not of the clock.
    """
    clock = time.process_time if processor else time.perf_counter
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            began = clock()
            held = work()
            seconds[place].append(clock() - began)
            del held  # letting go of it takes time too, and is not what is asked
    return seconds
