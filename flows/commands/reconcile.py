"""The command that compares the three roads to a category."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.options import AsJson, Lake, print_json, settings_with

FAILED = 1


def reconcile(
    categories: Annotated[
        list[str] | None,
        typer.Argument(help="Categories to compare; every mirrored one by default."),
    ] = None,
    *,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Compare a full walk, the mirror and the dump of a category, two by two.

    What the versions and the dump's date explain is told apart. Nothing is written to the lake.
    """
    from flows.console import new_console
    from flows.reconcile import reconcile as reconcile_categories
    from flows.reconcile_table import print_reconciled, reconciled_object

    settings = settings_with(lake).with_credentials()
    console = new_console(stderr=as_json)
    done = reconcile_categories(settings, categories or [], console)
    if as_json:
        print_json(reconciled_object(done))
    else:
        print_reconciled(done, console)
    if any(one.status in {"wrong", "failed"} for one in done):
        raise typer.Exit(FAILED)
