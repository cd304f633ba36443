"""What a removal does: questions and lines for a person, an object for a script."""

from __future__ import annotations

from dataclasses import asdict
from shlex import quote
from typing import Any

from rich.console import Console

from flows.ago import ago
from flows.plain import plain
from storage.removal import Removal


def questions(removal: Removal) -> list[str]:
    """Return what to ask before it is done."""
    name = plain(removal.category, 100)
    asked = [f"{name}: {_products(removal)}. Remove it?"]
    if removal.unlisted_at is None:
        asked.append(
            f"As far as the lake knows, the directory lists {name}, and the next refresh mirrors "
            "all of it again. Remove it all the same?"
        )
    return asked


def print_removal(removal: Removal, console: Console) -> None:
    """Print what was done or would be, and how to go on."""
    for line in _lines(removal):
        console.print(plain(line, 1000), highlight=False, markup=False, soft_wrap=True)


def removal_object(removal: Removal) -> dict[str, Any]:
    """Return the same as an object; `refresh_id` is null where nothing was written."""
    return asdict(removal)


def _lines(removal: Removal) -> list[str]:
    name = removal.category
    undo = f"feedlake rollback {quote(name)} --to {removal.snapshot - 1}"
    if removal.was_removed:
        return [f"{name} was removed before; nothing to do"]
    if removal.refresh_id is None:
        listed = "the directory lists it, as far as the lake knows"
        if removal.unlisted_at:
            listed = f"the directory no longer lists it, noticed {ago(removal.unlisted_at)}"
        return [f"{name}: {_products(removal)}; {listed}; nothing was written"]
    return [
        f"{name} is removed: {_products(removal)}; the lake is at snapshot {removal.snapshot}",
        f"`{undo}` undoes it",
    ]


def _products(removal: Removal) -> str:
    shared = f", {removal.shared_count:,} stay in other categories" if removal.shared_count else ""
    return f"{removal.delisted_count:,} products delisted{shared}"
