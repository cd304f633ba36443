"""A run on the screen: live on a terminal, a line per category elsewhere."""

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
from flows.progress import Progress

_REFRESHES_PER_SECOND = 4
_SHOWN_CATEGORIES = 8


@asynccontextmanager
async def shown(progress: Progress, client: Client, console: Console) -> AsyncIterator[None]:
    """Show the run on the console while the block runs."""
    showing = asyncio.create_task(_show(progress, client, console))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait([showing])


async def _show(progress: Progress, client: Client, console: Console) -> None:
    if not console.is_terminal:
        await _print_lines(progress, console)
        return
    bar = Bar(TextColumn("categories"), BarColumn(), MofNCompleteColumn(), console=console)
    categories = bar.add_task("categories", total=len(progress.categories))
    with Live(console=console, refresh_per_second=_REFRESHES_PER_SECOND, transient=True) as live:
        while True:
            bar.update(categories, completed=progress.finished, total=len(progress.categories))
            live.update(Group(bar, _figures(progress, client), _active(progress)))
            await asyncio.sleep(1 / _REFRESHES_PER_SECOND)


async def _print_lines(progress: Progress, console: Console) -> None:
    told: set[str] = set()
    while True:
        for name, one in progress.categories.items():
            if one.stage in {"done", "failed"} and name not in told:
                told.add(name)
                place = f"[{len(told)}/{len(progress.categories)}]"
                line = f"{place} {name}: {one.stage}, {one.mode}, {one.pages} pages"
                console.print(line, highlight=False, markup=False)
        await asyncio.sleep(1 / _REFRESHES_PER_SECOND)


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
        for name, one in progress.categories.items()
        if one.stage in {"asking", "walking", "merging"}
    ]
    for name, one in busy[:_SHOWN_CATEGORIES]:
        pages = f"{one.pages} of about {one.expected_pages}" if one.expected_pages else one.pages
        table.add_row(f"  {name}", one.mode, one.stage, f"{pages} pages", f"{one.products:,}")
    if len(busy) > _SHOWN_CATEGORIES:
        table.add_row(f"  and {len(busy) - _SHOWN_CATEGORIES} more")
    return table


def clock(seconds: float) -> str:
    """Return seconds as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
