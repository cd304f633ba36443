"""What a rollback did: a few lines for a person, an object for a script."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console

from storage.rollback import Rollback


def print_rollback(rollback: Rollback, console: Console) -> None:
    """Print what was put back, and how to go on."""
    for line in _lines(rollback):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def rollback_object(rollback: Rollback) -> dict[str, Any]:
    """Return the same as an object; `target` has `number` and `committed_at`."""
    return asdict(rollback)


def _lines(rollback: Rollback) -> list[str]:
    name, target = rollback.category, rollback.target
    if rollback.refresh_id is None:
        return [f"{name} is as it was at snapshot {target.number}; nothing to put back"]
    versions = f"version {rollback.from_version} to {rollback.to_version}"
    products = f"{rollback.changed_count:,} products put back, {rollback.delisted_count:,} delisted"
    listings = f"{rollback.listing_count:,} listings changed"
    was_removed = rollback.from_version is None and rollback.to_version is not None
    undo = f"feedlake rollback {name} --to {rollback.snapshot - 1}"
    if was_removed:
        undo = f"feedlake remove {name}"
    return [
        f"{name} is back to snapshot {target.number} of {target.committed_at:%Y-%m-%d %H:%M:%S}",
        f"{versions}, {products}, {listings}; the lake is at snapshot {rollback.snapshot}",
        f"`feedlake refresh {name}` goes on from there; `{undo}` undoes it",
    ]
