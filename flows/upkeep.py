"""What an upkeep did: tables for a person, an object for a script."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from storage.upkeep import Figures, Upkeep

_STEPS = {
    "discarded_walk_count": "staged walks discarded",
    "expired_snapshot_count": "snapshots expired",
    "flushed_row_count": "rows moved from the catalogue to files",
    "rewritten_file_count": "files rewritten without their deleted rows",
    "merged_file_count": "small files merged into larger ones",
    "removed_file_count": "files removed that nothing needs",
    "orphan_count": "files removed that no commit named",
}
_SIZES = {
    "snapshot_count": "snapshots",
    "file_count": "files that a query of now reads",
    "byte_count": "their MB",
    "stored_file_count": "files on disk",
    "stored_byte_count": "their MB",
    "staged_walk_count": "staged walks",
}


def print_upkeep(upkeep: Upkeep, console: Console) -> None:
    """Print what was done, then the lake's size before and after it."""
    steps = Table(box=SIMPLE_HEAD, pad_edge=False)
    steps.add_column("step")
    steps.add_column("count", justify="right")
    for name, title in _STEPS.items():
        steps.add_row(title, f"{getattr(upkeep, name):,}")
    console.print(steps)
    sizes = Table(box=SIMPLE_HEAD, pad_edge=False)
    sizes.add_column("size")
    for column in ("before", "after"):
        sizes.add_column(column, justify="right")
    for name, title in _SIZES.items():
        sizes.add_row(title, _shown(upkeep.before, name), _shown(upkeep.after, name))
    console.print(sizes)


def upkeep_object(upkeep: Upkeep) -> dict[str, Any]:
    """Return the same as an object: the counts, `before` and `after`."""
    return asdict(upkeep)


def _shown(figures: Figures, name: str) -> str:
    value: int = getattr(figures, name)
    return f"{value / 1e6:,.1f}" if name.endswith("byte_count") else f"{value:,}"
