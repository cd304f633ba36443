"""`feedlake export`: rows with links that earn, in one file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.errors import WrongCallError
from flows.export_format import ExportFormat, format_for
from flows.options import Lake, settings_with


def export(
    query: Annotated[str | None, typer.Argument(help="One query; quote it.")] = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    deals: Annotated[
        float | None,
        typer.Option(help="Export what costs so many per cent below its 30-day average.", min=0),
    ] = None,
    merchant: Annotated[
        bool, typer.Option("--merchant", help="Export every product as a Google Merchant feed.")
    ] = False,
    fmt: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="By default what the file's name ends with says."),
    ] = None,
    affid: Annotated[
        str | None, typer.Option(help="Whose links they are (FK_AFFILIATE_ID).")
    ] = None,
    sub1: Annotated[str | None, typer.Option(help="Sub-id affExtParam1 of every link.")] = None,
    sub2: Annotated[str | None, typer.Option(help="Sub-id affExtParam2, likewise.")] = None,
    lake: Lake = None,
) -> None:
    """Write a query, the deals or a merchant feed to a file, links included.

    The file is written whole or not at all. A merchant feed is XML (RSS 2.0), or TSV where the
    file's name ends with .tsv.
    """
    from flows.export import DEALS, PRODUCTS, Export
    from flows.export import export as export_file
    from storage.lake import LakeFolder

    if merchant and fmt not in {None, ExportFormat.MERCHANT}:
        raise WrongCallError("--merchant is a format of its own; leave --format out")
    if query is not None and deals is not None:
        raise WrongCallError("give a query or --deals, not both")
    if query is None and deals is None and not merchant:
        raise WrongCallError("nothing is named; give a query, --deals PERCENT or --merchant")
    settings = settings_with(lake)
    asked = Export(
        query=query or (PRODUCTS if deals is None else DEALS.format(deals)),
        fmt=ExportFormat.MERCHANT if merchant else format_for(output, fmt),
        file=output,
        ids=(settings.affiliate_id if affid is None else affid, sub1, sub2),
        needs_links=deals is not None,
    )
    if said := export_file(LakeFolder(settings.lake), asked):
        typer.echo(f"feedlake: {said}", err=True)
