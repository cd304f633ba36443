"""What the checks found: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.plain import cell, plain
from storage.checks import Outcome
from storage.mending import Mending


def print_outcomes(outcomes: Iterable[Outcome], console: Console) -> bool:
    """Print a line a check, then some of the rows that break one; return whether all hold."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("check")
    table.add_column("result", no_wrap=True)
    table.add_column("what must hold")
    failed = []
    for one in outcomes:
        result = Text("ok", "green") if one.holds else Text(f"{one.failing_count:,} failed", "red")
        table.add_row(one.name, result, one.says)
        if not one.holds:
            failed.append(one)
    console.print(table)
    for one in failed:
        _print_rows(one, console)
    return not failed


def outcomes_object(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the same as an object: `status` and `checks`."""
    return {
        "status": "ok" if all(one.holds for one in outcomes) else "failed",
        "checks": [
            {"status": "ok" if one.holds else "failed", **asdict(one), "rows": _plain(one.rows)}
            for one in outcomes
        ],
    }


def print_mending(mending: Mending, console: Console) -> None:
    """Print what was repaired, and what the lake alone cannot tell, a line each."""
    for line in _mending_lines(mending):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def mending_object(mending: Mending) -> dict[str, Any]:
    """Return the same as an object: rows by check, counts, the snapshot."""
    return {
        "snapshot": mending.snapshot,
        "failing_counts": {one.name: one.failing_count for one in mending.found},
        "merged_count": mending.merged_count,
        "removed_count": mending.removed_count,
        "dump_categories": list(mending.dump_categories),
    }


def _mending_lines(mending: Mending) -> Iterator[str]:
    if not mending.found:
        yield "there is nothing that can be repaired without the vendor; nothing was written"
        return
    rows = ", ".join(f"{one.name} ({one.failing_count:,})" for one in mending.found)
    yield f"repaired as snapshot {mending.snapshot}: {rows}"
    if mending.merged_count:
        yield f"{mending.merged_count:,} products had two rows and have one now"
    if mending.removed_count:
        yield f"{mending.removed_count:,} rows of products were removed: what they had was no id"
    for category in mending.dump_categories:
        yield (
            f"a dump of {plain(category, 100)} was dated in the future, and may have overwritten "
            f"newer values: run `feedlake verify {plain(category, 100)} --repair`"
        )
    yield f"`feedlake sql --at {mending.snapshot - 1}` shows the lake as it was"


def _print_rows(outcome: Outcome, console: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=outcome.name, title_justify="left")
    for name in outcome.rows[0]:
        table.add_column(name)
    for row in outcome.rows:
        table.add_row(*(cell("" if one is None else str(one)) for one in row.values()))
    if more := outcome.failing_count - len(outcome.rows):
        table.add_row(f"and {more:,} more")
    console.print(table)


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: one if isinstance(one, datetime | bool | int | None) else str(one)
            for name, one in row.items()
        }
        for row in rows
    ]
