"""Running the refresh flow from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from flows.display import shown
from flows.errors import StoppedError
from flows.feed import EVERY_DAY, Feed
from flows.jobs import plan_jobs
from flows.mirror import Mirror, open_mirror
from flows.prefect_server import PrefectServer, prefect_server, talking_to
from flows.progress import Progress
from flows.settings import Settings
from flows.stopping import STOPPED, stop_on_sigterm
from storage.lake import LakeFolder


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs refreshes of one account into one lake, under one Prefect server."""

    settings: Settings
    console: Console
    server: PrefectServer

    def refresh(
        self,
        categories: Sequence[str] = (),
        feeds: Sequence[Feed] = EVERY_DAY,
        *,
        full: bool = False,
        in_stock: bool = False,
    ) -> Mirror:
        """Refresh the feeds of the categories, all for none, and return the finished mirror.

        Raises:
            FeedError: the directory cannot be read.
            LakeError: the lake cannot be written.
            StoppedError: a person or the system ended the run.
        """
        try:
            return asyncio.run(self._refresh(categories, feeds, full=full, in_stock=in_stock))
        except BaseException as error:
            if not _is_stop(error):
                raise
            raise StoppedError(STOPPED) from None

    async def _refresh(
        self, categories: Sequence[str], feeds: Sequence[Feed], *, full: bool, in_stock: bool
    ) -> Mirror:
        stop_on_sigterm()
        progress = Progress()
        async with open_mirror(self.settings, progress) as mirror:
            jobs = await plan_jobs(mirror, categories, feeds, full=full, in_stock=in_stock)
            await mirror.begin(jobs)
            await self.server.ready()
            # Prefect takes a second to import: a wrong token is told before that.
            from flows.refresh import opened_mirror, refresh

            opened_mirror.set(mirror)
            progress.start()
            with talking_to(self.server.api_url):
                async with shown(progress, mirror.client, self.console):
                    await refresh(
                        list(categories),
                        list(feeds),
                        full=full,
                        in_stock=in_stock,
                        return_state=True,
                    )
        return mirror


@contextmanager
def runner(settings: Settings, console: Console) -> Iterator[Runner]:
    """Hold what a refresh needs.

    Raises:
        NotALakeError: there is something else where the lake should be.
    """
    LakeFolder(settings.lake).exists()
    with prefect_server(settings.lake / "prefect") as server:
        if server.is_temporary:
            console.print(
                "starting a temporary Prefect server: some 10 seconds, saved where "
                "`prefect server start` runs",
                style="dim",
                highlight=False,
            )
        yield Runner(settings, console, server)


def _is_stop(error: BaseException) -> bool:
    """Tell Ctrl-C and SIGTERM, which Prefect handles itself while a flow runs, from a fault."""
    if isinstance(error, Exception):
        return False
    from prefect.exceptions import TerminationSignal

    return isinstance(error, KeyboardInterrupt | asyncio.CancelledError | TerminationSignal)
