"""The commands of the quarantine: list, show and replay. None needs the network or an account."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from feeds.product.rejected import REASONS
from flows.errors import WrongCallError
from flows.options import AsJson, Lake, print_json, settings_with

if TYPE_CHECKING:
    from storage.quarantine import Wanted

quarantine = typer.Typer(help="Look at rejected records, and take those that can be read by now.")

Reason = StrEnum("Reason", {name: name for name in REASONS})  # type: ignore[misc]  # of one place


class RejectedFeed(StrEnum):
    """A feed that a record can be rejected in."""

    PRODUCT = "product"
    TOP = "top"
    BOOKS = "books"
    DUMP = "dump"
    LOOKUP = "lookup"


Reasons = Annotated[
    list[Reason] | None, typer.Option("--reason", help="Only this reason; repeatable.")
]
Categories = Annotated[
    list[str] | None, typer.Option("--category", help="Only this category; repeatable.")
]
Feeds = Annotated[
    list[RejectedFeed] | None, typer.Option("--feed", help="Only this feed; repeatable.")
]


@quarantine.callback(invoke_without_command=True)
def _alone(
    context: typer.Context,
    *,
    reasons: Reasons = None,
    categories: Categories = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Look at rejected records, and take those that can be read by now; alone it lists them."""
    command = context.invoked_subcommand
    if command is None:
        list_groups(reasons=reasons, categories=categories, feeds=feeds, as_json=as_json, lake=lake)
    elif reasons or categories or feeds or as_json or lake:
        raise WrongCallError(
            f"options go behind the command: `feedlake quarantine {command} --...`"
        )


@quarantine.command("list")
def list_groups(
    *,
    reasons: Reasons = None,
    categories: Categories = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Count the rejected records by reason, category and feed."""
    from flows.console import new_console
    from flows.quarantine import groups_object, print_groups
    from storage.lake import LakeFolder
    from storage.quarantine import read_groups

    folder = LakeFolder(settings_with(lake).lake)
    groups = read_groups(folder, _wanted(reasons, categories, feeds))
    if as_json:
        print_json(groups_object(groups))
    else:
        print_groups(groups, new_console())


@quarantine.command()
def show(
    *,
    reasons: Reasons = None,
    categories: Categories = None,
    feeds: Feeds = None,
    limit: Annotated[int, typer.Option(help="Records to show, the newest first.", min=1)] = 10,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Show rejected records: why, where they stood, and their bytes, whole with --json."""
    from flows.console import new_console
    from flows.quarantine import print_records, records_object
    from storage.lake import LakeFolder
    from storage.quarantine import read_records

    folder = LakeFolder(settings_with(lake).lake)
    records = read_records(folder, _wanted(reasons, categories, feeds), limit)
    if as_json:
        print_json(records_object(records))
    else:
        print_records(records, new_console())


@quarantine.command()
def replay(
    *,
    reasons: Reasons = None,
    categories: Categories = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Read rejected records again, and merge those that can be read by now; the others stay.

    A record is as old as its page: it overwrites nothing that was seen since, brings no delisted
    product back, delists none and moves no version.
    """
    from flows.console import new_console
    from flows.quarantine import print_replay, replay_object, replay_quarantine
    from flows.turn import in_turn
    from storage.lake import LakeFolder

    settings = settings_with(lake)
    wanted = _wanted(reasons, categories, feeds)
    done = in_turn(lambda: replay_quarantine(LakeFolder(settings.lake), wanted), settings.wait)
    if as_json:
        print_json(replay_object(done))
    else:
        print_replay(done, new_console())


def _wanted(
    reasons: list[Reason] | None, categories: list[str] | None, feeds: list[RejectedFeed] | None
) -> Wanted:
    from storage.quarantine import Wanted

    return Wanted(
        [one.value for one in reasons or ()], categories or (), [one.value for one in feeds or ()]
    )
