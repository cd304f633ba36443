"""The commands that watch prices, stock and ranks by rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.options import AsJson, Lake, print_json, settings_with

if TYPE_CHECKING:
    from flows.alerts.rule_file import RuleFile
    from flows.settings import Settings

alerts = typer.Typer(help="Tell price drops, lows, returns, departures and ranks, each once.")

Rules = Annotated[
    Path | None, typer.Option("--rules", help="The rule file (alerts.toml).", show_default=False)
]

_WRONG_CALL = 2
_DEFAULT = Path("alerts.toml")


@alerts.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    *,
    rules: Rules = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be told; remember and send nothing.")
    ] = False,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Tell what happened since the last run: each event once, to the webhook or here."""
    from collections.abc import Sequence

    context.obj = rules
    settings = settings_with(lake)
    if context.invoked_subcommand:
        return
    from flows.alerts.event import Event, event_object
    from flows.alerts.run import preview, run_alerts
    from flows.alerts.table import print_events
    from flows.console import new_console
    from flows.stopping import run_until_stopped
    from storage.lake import LakeFolder

    async def show(events: Sequence[Event]) -> None:
        if as_json:
            print_json({"events": [event_object(one) for one in events]})
        else:
            print_events(events, new_console())
        # They count as told from here on.
        sys.stdout.flush()

    file = _read(rules or _DEFAULT, settings)
    folder = LakeFolder(settings.lake)
    if dry_run:
        run_until_stopped(show(preview(folder, file)))
    else:
        run_until_stopped(run_alerts(folder, file, show))


@alerts.command()
def check(context: typer.Context, *, rules: Rules = None) -> None:
    """Check the rule file; each fault is a line that names the rule and the key."""
    from flows.alerts.faults import category_faults
    from flows.alerts.rule_file import RuleFileError, read_rules
    from flows.plain import plain
    from storage.lake import LakeFolder

    file = rules or context.obj or _DEFAULT
    count = 0
    try:
        found = read_rules(file)
        count = len(found.rules)
        lines = category_faults(LakeFolder(settings_with(None).lake), file, found)
    except RuleFileError as error:
        lines = error.lines
    if lines:
        for line in lines:
            typer.echo(f"feedlake: {plain(line, 2000)}", err=True)
        raise typer.Exit(_WRONG_CALL)
    typer.echo(f"{file}: {count} rule{'' if count == 1 else 's'}, nothing wrong")


@alerts.command()
def forget(
    name: Annotated[str, typer.Argument(help="The rule's name.")],
    *,
    lake: Lake = None,
) -> None:
    """Forget what a rule has told; it begins anew, as a new rule does."""
    from flows.errors import WrongCallError
    from storage.alerts.memory import open_memory
    from storage.lake import LakeFolder

    folder = LakeFolder(settings_with(lake).lake)
    folder.require()
    with open_memory(folder.root) as memory:
        if not memory.forget(name):
            raise WrongCallError(f"no rule {name!r} was evaluated yet; see the names in your rules")


def _read(file: Path, settings: Settings) -> RuleFile:
    from flows.alerts.rule_file import read_rules, with_webhook

    return with_webhook(read_rules(file), settings.alerts_webhook.get_secret_value())
