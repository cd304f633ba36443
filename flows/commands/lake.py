"""The commands that look after a lake: snapshots, maintain, diff and rollback.

Like those of `cli`, each imports only what it needs; none of them needs Prefect or the network.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from flows.options import AsJson, Lake, print_json, settings_with


class DiffFormat(StrEnum):
    """How a comparison is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def snapshots(
    *,
    limit: Annotated[int, typer.Option(help="The most to list.", min=1)] = 20,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """List the states to go back to, a row a run.

    `sql --at`, `diff` and `rollback --to` take their numbers and times.
    """
    from flows.console import new_console
    from flows.snapshots_table import print_states, states_object
    from storage.lake import LakeFolder, open_for_reading
    from storage.snapshots import read_states

    with open_for_reading(LakeFolder(settings_with(lake).lake)) as connection:
        states = read_states(connection, limit)
    if as_json:
        print_json(states_object(states))
    else:
        print_states(states, new_console())


def maintain(
    *,
    keep_days: Annotated[
        int, typer.Option(help="Days back that snapshots stay readable.", min=0)
    ] = 30,
    alone: Annotated[
        bool,
        typer.Option("--alone", help="Nobody reads meanwhile: replaced files need not stay a day."),
    ] = False,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Expire old snapshots, merge small files and clear away what nothing needs.

    Readers in other processes are not disturbed: a file that was replaced stays for a day.
    """
    from flows.console import new_console
    from flows.turn import in_turn
    from flows.upkeep import print_upkeep, upkeep_object
    from storage.lake import LakeFolder
    from storage.upkeep import maintain as maintain_lake

    settings = settings_with(lake)
    upkeep = in_turn(
        lambda: maintain_lake(LakeFolder(settings.lake), timedelta(days=keep_days), alone=alone),
        settings.wait,
    )
    if as_json:
        print_json(upkeep_object(upkeep))
    else:
        print_upkeep(upkeep, new_console())


def diff(
    old: Annotated[str, typer.Argument(help="A snapshot's number, or a time.", metavar="A")],
    new: Annotated[
        str | None,
        typer.Argument(help="The one to compare it with; the newest by default.", metavar="B"),
    ] = None,
    *,
    category: Annotated[
        str | None, typer.Option(help="Only products that this category listed.")
    ] = None,
    fmt: Annotated[
        DiffFormat, typer.Option("--format", help="How to write the changes.")
    ] = DiffFormat.TABLE,
    limit: Annotated[
        int | None,
        typer.Option(help="The most of each kind; 10 in a table, else all.", min=0),
    ] = None,
    lake: Lake = None,
) -> None:
    """List what is new, gone, dearer, cheaper, restocked and out of stock between two snapshots.

    Prices are the special price, else the selling price.
    """
    from flows.console import new_console
    from flows.diff import print_diff, write_csv, write_json
    from storage.diff import open_diff
    from storage.lake import LakeFolder

    with open_diff(LakeFolder(settings_with(lake).lake), old, new, category) as difference:
        match fmt:
            case DiffFormat.TABLE:
                print_diff(difference, limit, new_console())
            case DiffFormat.CSV:
                write_csv(difference, limit, sys.stdout)
            case DiffFormat.JSON:
                write_json(difference, limit, sys.stdout)


def rollback(
    category: Annotated[str, typer.Argument(help="The category to put back.")],
    *,
    to: Annotated[
        str, typer.Option("--to", help="A snapshot's number, or a time.", metavar="SNAPSHOT|TIME")
    ],
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Put a category back to what it was, version included, as a new snapshot.

    History keeps what was observed, and gains a row (feed 'rollback') where a price, the stock or
    the availability changes by this. Products that came later are delisted. A product that other
    categories list too keeps what they have said of it since.
    """
    from flows.console import new_console
    from flows.rollback import print_rollback, rollback_object
    from flows.turn import in_turn
    from storage.lake import LakeFolder
    from storage.rollback import roll_back

    settings = settings_with(lake)
    done = in_turn(lambda: roll_back(LakeFolder(settings.lake), category, to), settings.wait)
    if as_json:
        print_json(rollback_object(done))
    else:
        print_rollback(done, new_console())
