"""What the commands share: options, settings by flag, JSON on standard output."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.feed import Feed

if TYPE_CHECKING:
    from flows.settings import Settings

Lake = Annotated[
    Path | None,
    typer.Option("--lake", help="The lake's folder (FEEDLAKE_LAKE).", show_default=False),
]
Feeds = Annotated[
    list[Feed] | None,
    typer.Option("--feed", help="Feed to read, repeatable; product, top and books by default."),
]
FullEvery = Annotated[
    str | None,
    typer.Option(
        help="Age at which a full walk is due, as 7d, 36h or never (FEEDLAKE_FULL_EVERY)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


def settings_with(lake: Path | None, **flags: str | None) -> Settings:
    """Return the settings of this process; what the command line names goes first.

    A flag goes into the environment, where the Prefect flow reads it too.

    Args:
        lake: the lake's folder.
        flags: settings by the name of their variable.

    Raises:
        SettingsError: one of them cannot be used.
    """
    from flows.settings import read_settings

    given = {"FEEDLAKE_LAKE": lake, **flags}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    return read_settings()


def print_json(value: Any) -> None:
    """Print a value as JSON; amounts, which JSON has no spelling of, become floats."""
    import orjson

    typer.echo(orjson.dumps(value, default=float, option=orjson.OPT_INDENT_2).decode())
