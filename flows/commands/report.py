"""`feedlake report`: the morning's report, one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.options import Lake, settings_with


def report(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path(
        "report.html"
    ),
    product: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw this product's prices, repeatable; those of the largest drops by default.",
            metavar="ID",
        ),
    ] = None,
    affid: Annotated[
        str | None, typer.Option(help="Whose links they are (FK_AFFILIATE_ID).")
    ] = None,
    sub1: Annotated[str | None, typer.Option(help="Sub-id affExtParam1 of every link.")] = None,
    lake: Lake = None,
) -> None:
    """Write the morning's report: drops, prices, movers, stock, categories, rejects and runs.

    One page that needs no network but for the products' pictures, for a phone or a desk, in light
    or dark. The file is written whole or not at all.
    """
    from flows.report.facts import Asked
    from flows.report.write import write_report
    from storage.lake import LakeFolder

    settings = settings_with(lake)
    asked = Asked(settings.affiliate_id if affid is None else affid, sub1, tuple(product or ()))
    done = write_report(LakeFolder(settings.lake), output, asked)
    typer.echo(
        f"{done.file}: {done.listed_count:,} products, {done.drop_count:,} drops in the last day, "
        f"{done.byte_count / 1000:,.0f} kB; open it in a browser"
    )
