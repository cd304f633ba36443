"""`feedlake publish`: the lake's tables as Parquet, for readers that know nothing of lakes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, Lake, print_json, settings_with


def publish(
    target: Annotated[Path, typer.Argument(help="The folder to publish to.", metavar="DIR")],
    *,
    keep_hours: Annotated[
        float, typer.Option(help="Hours that a version stays after it was replaced.", min=0)
    ] = 24,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Write every table as Parquet with a DuckDB catalogue, and swap it in whole.

    DIR/current is the newest version. A reader that opened an older one keeps it for a while.
    """
    from storage.lake import LakeFolder
    from storage.publish import publish as publish_lake

    done = publish_lake(LakeFolder(settings_with(lake).lake), target, timedelta(hours=keep_hours))
    if as_json:
        print_json(
            {
                "folder": str(done.folder),
                "snapshot": done.manifest.snapshot,
                "published_at": done.manifest.published_at,
                "row_counts": done.manifest.row_counts,
                "byte_count": done.byte_count,
                "removed_count": done.removed_count,
            }
        )
        return
    rows = sum(done.manifest.row_counts.values())
    typer.echo(
        f"snapshot {done.manifest.snapshot}: {rows:,} rows of {len(done.manifest.row_counts)} "
        f"tables, {done.byte_count / 1e6:,.1f} MB in {done.folder}; "
        f"{done.removed_count} older removed"
    )
    # Opened for writing, it would keep every other reader out.
    typer.echo(f"duckdb -readonly {target / 'current' / 'catalogue.duckdb'}")
