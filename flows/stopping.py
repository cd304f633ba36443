"""Ending a run that a person or the system wants ended: Ctrl-C and SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from flows.errors import StoppedError

T = TypeVar("T")

STOPPED = "stopped; what was fetched is kept: run the same command again to go on"


def run_until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, outside Prefect, which handles signals itself.

    Raises:
        StoppedError: a person or the system ended it.
    """

    async def stoppable() -> T:
        stop_on_sigterm()
        return await work

    try:
        return asyncio.run(stoppable())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise StoppedError(STOPPED) from None


def stop_on_sigterm() -> None:
    """Cancel the running task when the system asks the process to end."""
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
