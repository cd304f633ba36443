"""Running the refresh flow from the command line."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console

from flows.errors import StoppedError
from flows.mirror import Mirror, open_mirror
from flows.prefect_server import PrefectServer, prefect_server, talking_to
from flows.progress import Progress
from flows.settings import Settings
from storage.lake import LakeFolder

_STOPPED = "stopped; what was fetched is kept: run the same command again to go on from there"


def run_refresh(
    settings: Settings, categories: Sequence[str], *, full: bool, console: Console
) -> Mirror:
    """Refresh the categories under Prefect and return the finished mirror.

    Raises:
        FeedError: the directory cannot be read.
        LakeError: the lake cannot be written.
        StoppedError: a person or the system ended the run.
    """
    LakeFolder(settings.lake).exists()  # the lake's folder is checked before anything is started
    with prefect_server(settings.lake / "prefect") as server:
        if server.is_temporary:
            console.print(
                "starting a temporary Prefect server (some 10 seconds; `prefect server start` in "
                "another terminal saves them)",
                style="dim",
            )
        try:
            return asyncio.run(_refresh(settings, categories, full, server, console))
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise StoppedError(_STOPPED) from None


async def _refresh(
    settings: Settings,
    categories: Sequence[str],
    full: bool,  # noqa: FBT001 - private, called once
    server: PrefectServer,
    console: Console,
) -> Mirror:
    _stop_on_sigterm()
    async with open_mirror(settings, Progress()) as mirror:
        await mirror.begin(categories)
        await server.ready()
        from flows.display import shown
        from flows.refresh import opened_mirror, refresh

        opened_mirror.set(mirror)
        with talking_to(server):
            async with shown(mirror.progress, mirror.client, console):
                await refresh(list(categories), full=full, return_state=True)
    return mirror


def _stop_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
