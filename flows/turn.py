"""Waiting for the lake's one writer, so that two commands at once are no error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import stamina
import typer

from storage.errors import LakeBusyError

T = TypeVar("T")

_SECONDS_BETWEEN = 0.2


def in_turn(work: Callable[[], T], seconds: float) -> T:
    """Do what writes to the lake, once no other process does.

    Args:
        work: begins by taking the writer's lock; done again from there until it has it.
        seconds: how long to wait at most.

    Raises:
        LakeBusyError: another process wrote all the time.
    """
    return asyncio.run(begun_in_turn(work, seconds)) if seconds else work()


async def begun_in_turn(work: Callable[[], T], seconds: float) -> T:
    """Do the same where an event loop is running, which goes on while the lock is waited for."""
    if not seconds:
        return work()
    wait = _Wait(seconds)
    async for attempt in stamina.retry_context(
        on=wait.is_worth_it,
        attempts=None,
        timeout=seconds,
        wait_initial=_SECONDS_BETWEEN,
        wait_max=_SECONDS_BETWEEN,
        wait_jitter=0,
    ):
        with attempt:
            return work()
    raise AssertionError("a retry context ends by return or raise")


class _Wait:
    """Says once that it waits, and for whom."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._is_told = seconds, False

    def is_worth_it(self, error: Exception) -> bool:
        if not isinstance(error, LakeBusyError):
            return False
        if not self._is_told:
            self._is_told = True
            typer.echo(
                f"feedlake: {error.holder} is writing to {error.folder}; "
                f"waiting for it, {self._seconds:g} seconds at most (FEEDLAKE_WAIT)",
                err=True,
            )
        return True
