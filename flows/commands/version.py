"""`feedlake --version`."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer


def _tell(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if asked:
        typer.echo(f"feedlake {version_of('feedlake')}")
        raise typer.Exit


def version(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_tell, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before any command."""
