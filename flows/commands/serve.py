"""The command that keeps a lake fresh by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.options import Lake, settings_with


def serve(
    *,
    at: Annotated[
        list[str] | None,
        typer.Option(
            help="When a job runs, repeatable: deltas=30m, top='30 2 * * *', dumps=off.",
            metavar="JOB=WHEN",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The file of times (serve.toml).", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of Prefect's page (4200).", min=1, max=65_535)
    ] = None,
    lake: Lake = None,
) -> None:
    """Refresh, keep up and tell alerts on their times, with Prefect's page, until Ctrl-C."""
    from flows.console import new_console
    from flows.serve import serve_timetable
    from flows.timetable import hand_on, read_timetable, times_of

    settings = settings_with(lake).with_credentials()
    hand_on(config, times_of(at or []) | {"port": None if port is None else str(port)})
    serve_timetable(settings, read_timetable(), new_console())
