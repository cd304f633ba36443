"""The command that says what a refresh would do."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.feed import EVERY_DAY
from flows.options import AsJson, Feeds, FullEvery, Lake, print_json, settings_with

FAILED = 1


def plan(
    categories: Annotated[
        list[str] | None, typer.Argument(help="Categories to plan for; all of them by default.")
    ] = None,
    *,
    feeds: Feeds = None,
    full: Annotated[
        bool, typer.Option("--full", help="As if every product were walked, not the changes.")
    ] = False,
    full_every: FullEvery = None,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Say what a refresh would do: modes, pages, minutes. Asks only directories and versions.

    Nothing is written. Pages come from earlier walks.
    """
    from flows.console import new_console
    from flows.forecast import make_plan
    from flows.plan_table import plan_object, print_plan
    from flows.stopping import run_until_stopped

    settings = settings_with(lake, FEEDLAKE_FULL_EVERY=full_every).with_credentials()
    work = make_plan(settings, categories or [], feeds or EVERY_DAY, full=full)
    made = run_until_stopped(work)
    if as_json:
        print_json(plan_object(made))
    else:
        print_plan(made, new_console())
    if any(one.error for one in made.forecasts):
        raise typer.Exit(FAILED)
