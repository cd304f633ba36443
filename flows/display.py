"""A run on the screen: live on a terminal, a line per feed elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from feeds.client import Client
from flows.plain import cell, plain
from flows.progress import Progress

_UPDATES_PER_SECOND = 4
_SHOWN_JOBS = 8


@asynccontextmanager
async def shown(progress: Progress, client: Client, console: Console) -> AsyncIterator[None]:
    """Show the run on the console while the block runs."""
    screen = _Live(progress, client, console) if console.is_terminal else _Lines(progress, console)
    updating = asyncio.create_task(_keep_updating(screen))
    try:
        yield
    finally:
        updating.cancel()
        await asyncio.wait([updating])
        screen.update()
        screen.close()


async def _keep_updating(screen: _Live | _Lines) -> None:
    while True:
        screen.update()
        await asyncio.sleep(1 / _UPDATES_PER_SECOND)


class _Lines:
    """A line for every feed that has ended."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress, self._console = progress, console
        self._told: set[str] = set()

    def update(self) -> None:
        for name, one in self._progress.jobs.items():
            if one.stage in {"done", "failed"} and name not in self._told:
                self._told.add(name)
                place = f"[{len(self._told)}/{len(self._progress.jobs)}]"
                line = f"{place} {plain(name, 100)}: {one.stage}, {one.mode}, {one.pages} pages"
                self._console.print(line, highlight=False, markup=False)

    def close(self) -> None:
        """Lines stay where they are."""


class _Live:
    """A bar, the figures and the busy feeds, gone when the run ends."""

    def __init__(self, progress: Progress, client: Client, console: Console) -> None:
        self._progress, self._client = progress, client
        self._bar = Bar(TextColumn("feeds"), BarColumn(), MofNCompleteColumn(), console=console)
        self._jobs = self._bar.add_task("feeds", total=None)
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def update(self) -> None:
        progress = self._progress
        self._bar.update(self._jobs, completed=progress.finished, total=len(progress.jobs))
        shown = Group(self._bar, _figures(progress, self._client), _active(progress))
        self._live.update(shown, refresh=True)

    def close(self) -> None:
        self._live.stop()


def _figures(progress: Progress, client: Client) -> Text:
    seconds = max(progress.seconds, 0.001)
    quota = client.budget.per_second
    rate = f"{progress.request_rate(client.request_count):.1f} requests/s"
    rate += f" of {quota:g}" if quota else ""
    left = progress.seconds_left()
    return Text(
        f"{progress.pages:,} pages, {progress.products:,} products, "
        f"{progress.products / seconds:,.0f} products/s, {rate}, "
        f"{clock(seconds)} gone, {'about ' + clock(left) if left is not None else '?'} left"
    )


def _active(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 2))
    busy = [
        (name, one)
        for name, one in progress.jobs.items()
        if one.stage in {"asking", "walking", "comparing", "merging"}
    ]
    for name, one in busy[:_SHOWN_JOBS]:
        pages = f"{one.pages} of about {one.expected_pages}" if one.expected_pages else one.pages
        table.add_row(cell(f"  {name}"), one.mode, one.stage, f"{pages} pages", f"{one.products:,}")
    if len(busy) > _SHOWN_JOBS:
        table.add_row(f"  and {len(busy) - _SHOWN_JOBS} more")
    return table


def clock(seconds: float) -> str:
    """Return seconds as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
