"""The command that checks: the lake with itself, or the mirror with the upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.options import AsJson, Lake, print_json, settings_with

if TYPE_CHECKING:
    from flows.settings import Settings

FAILED = 1


def verify(
    categories: Annotated[
        list[str] | None,
        typer.Argument(help="Categories to compare with the upstream.", show_default=False),
    ] = None,
    *,
    upstream: Annotated[
        bool, typer.Option("--upstream", help="Compare every mirrored category.")
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(help="Look so many products up, drawn by chance, and walk nothing.", min=1),
    ] = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Merge what was fetched where it differs; alone, repair what needs no vendor.",
        ),
    ] = False,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Check the lake against itself, or what it holds against the upstream.

    Without an argument it needs no network: tables, walks and files are checked. With categories,
    --upstream or --sample, what the upstream says now is compared with the mirror, column by
    column. What is news since the mirrored version is not wrong but behind. Nothing is written
    without --repair, which alone puts right what the lake itself can tell, in a new snapshot.
    """
    settings = settings_with(lake)
    if categories or upstream or sample:
        is_good = _compare(settings, categories or [], sample, repair=repair, as_json=as_json)
    else:
        is_good = _check(settings, repair=repair, as_json=as_json)
    if not is_good:
        raise typer.Exit(FAILED)


def _check(settings: Settings, *, repair: bool, as_json: bool) -> bool:
    from flows.checks import mending_object, outcomes_object, print_mending, print_outcomes
    from flows.console import new_console
    from flows.turn import in_turn
    from storage.checks import check_lake
    from storage.lake import LakeFolder
    from storage.mending import mend_lake

    folder = LakeFolder(settings.lake)
    mending = in_turn(lambda: mend_lake(folder), settings.wait) if repair else None
    outcomes = list(check_lake(folder))
    if as_json:
        repaired = {"repaired": mending_object(mending)} if mending else {}
        print_json(repaired | outcomes_object(outcomes))
    else:
        console = new_console()
        if mending:
            print_mending(mending, console)
        print_outcomes(outcomes, console)
    return all(one.holds for one in outcomes)


def _compare(
    settings: Settings, categories: list[str], sample: int | None, *, repair: bool, as_json: bool
) -> bool:
    from flows.console import new_console
    from flows.verdicts import print_verdicts, verdicts_object
    from flows.verify import Request, verify_upstream

    console = new_console(stderr=as_json)
    request = Request(categories, sample, repair)
    verdicts = verify_upstream(settings.with_credentials(), request, console)
    if as_json:
        print_json(verdicts_object(verdicts))
    else:
        print_verdicts(verdicts, console)
    return all(one.status not in {"wrong", "failed"} for one in verdicts)
