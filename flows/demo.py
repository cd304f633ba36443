"""The newcomer's first minute: a whole mirror, a day's changes, a query. No credentials."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from feeds.sandbox.server import Sandbox
from flows.plain import printable
from flows.run import runner
from flows.settings import Settings
from flows.summary import print_summary
from storage.lake import LakeFolder
from storage.query import open_query
from storage.statements import statement


def run_demo(folder: Path, products: int, categories: int, console: Console) -> bool:
    """Mirror a made-up catalogue, then a day of it, and show the day's price drops.

    Args:
        folder: gets the lake; an earlier demo's lake there is replaced.
        products: how many there are.
        categories: how many categories they stand in.
        console: where to print.

    Returns:
        Whether every category was refreshed both times.

    Raises:
        NotALakeError: `folder` holds something that is no lake.
    """
    lake = LakeFolder(folder)
    if lake.exists():
        shutil.rmtree(folder)
    say = partial(console.print, highlight=False)
    say("[bold]1. A sandbox[/] serves a made-up catalogue on this machine")
    with Sandbox(products=products, categories=categories, process=True) as sandbox:
        settings = Settings(
            affiliate_id=sandbox.affiliate_id,
            affiliate_token=SecretStr(sandbox.token),
            api_url=sandbox.url,
            lake=folder,
            quota=20,
        )
        with runner(settings, console) as running:
            sandbox.warm()
            say("\n[bold]2. A full mirror[/]: every product of every category")
            first = running.refresh()
            print_summary(first, console)
            console.print(
                "[bold]3. A day passes[/]: only what changed is fetched and written",
                highlight=False,
            )
            sandbox.next_day()
            second = running.refresh()
            print_summary(second, console)
    say("[bold]4. Today's largest price drops[/]")
    with open_query(lake, statement("examples/price_drops")) as asked:
        table = printable(asked.table(console.width), kept="\n")
    console.print(table, highlight=False, markup=False, soft_wrap=True, end="")
    _print_next_steps(folder, console)
    return all(row.status == "done" for run in (first, second) for row in run.rows)


def _print_next_steps(folder: Path, console: Console) -> None:
    for line in (
        f"The lake is in {folder}/. Ask it anything:",
        f"  export FEEDLAKE_LAKE={folder}",
        "  .venv/bin/feedlake status",
        '  .venv/bin/feedlake sql "SHOW TABLES"',
        '  .venv/bin/feedlake sql "SELECT * FROM price_history ORDER BY observed_at DESC LIMIT 5"',
        "docs/tutorial.md goes on from here.",
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
