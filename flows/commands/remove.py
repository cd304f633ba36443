"""The command that takes a category out of the mirror."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.errors import StoppedError, WrongCallError
from flows.options import AsJson, Lake, print_json, settings_with


def remove(
    category: Annotated[str, typer.Argument(help="The category to take out.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do, and write nothing.")
    ] = False,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Take a category out of the mirror, as a new snapshot; `rollback` undoes it.

    It is for a category that the directory no longer lists. Its products are delisted, but for
    those that another category lists too. Its version is forgotten: if it comes back, it is walked
    in full. It asks first, and twice where the directory lists the category as far as the lake
    knows.
    """
    from flows.console import new_console
    from flows.removal import print_removal, questions, removal_object
    from flows.turn import in_turn
    from storage.lake import LakeFolder
    from storage.removal import foretell_removal, remove_category

    settings = settings_with(lake)
    folder = LakeFolder(settings.lake)
    removal = foretell_removal(folder, category)
    if not dry_run and not removal.was_removed:
        if not yes:
            _ask(questions(removal))
        removal = in_turn(lambda: remove_category(folder, category), settings.wait)
    if as_json:
        print_json(removal_object(removal))
    else:
        print_removal(removal, new_console())


def _ask(questions: list[str]) -> None:
    """Ask each question in turn.

    Raises:
        StoppedError: one answer is no, or Ctrl-C.
        WrongCallError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise WrongCallError("remove asks before it writes; run it on a terminal or with --yes")
    try:
        for question in questions:
            typer.confirm(question, abort=True, err=True)
    except typer.Abort:
        raise StoppedError("nothing was removed; run the same command again to remove it") from None
