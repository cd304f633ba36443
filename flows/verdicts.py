"""What a comparison with the upstream found: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.plain import cell, plain
from flows.verify import Verdict
from storage.comparison import KINDS, Comparison, Mismatch
from storage.comparison import Verdict as Opinion

_VALUE_LENGTH = 60
_SHOWN_COLUMNS = 5
_OPINIONS: tuple[Opinion, ...] = ("wrong", "behind", "elsewhere")


def print_verdicts(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print a line a category, then its notes and some of what differs."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("category")
    table.add_column("result", no_wrap=True)
    for name in ("equal", "not here", "not there", "different", "behind", "elsewhere"):
        table.add_column(name, justify="right")
    for one in verdicts:
        table.add_row(cell(one.category), one.status, *_figures(one.comparison))
    console.print(table)
    for one in verdicts:
        _print_details(one, console)


def verdicts_object(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the same as an object: `status` and `categories`."""
    is_bad = any(one.status in {"wrong", "failed"} for one in verdicts)
    return {
        "status": "failed" if is_bad else "ok",
        "categories": [_object(one) for one in verdicts],
    }


def counts_object(comparison: Comparison) -> dict[str, Any]:
    """Return how many products are equal, and how many are not in which way."""
    counts: dict[str, Any] = {
        opinion: {kind: comparison.count(opinion, kind) for kind in KINDS} for opinion in _OPINIONS
    }
    return {"equal_count": comparison.equal_count, **counts}


def print_mismatches(rows: Sequence[Mismatch], console: Console) -> None:
    """Print some products that are wrong, a line a column."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("product", "what", "column", "here", "there"):
        table.add_column(name, overflow="fold")
    for row in (one for one in rows if one.verdict == "wrong"):
        said = row.kind.replace("_", " ")
        shown = dict(islice(row.columns.items(), _SHOWN_COLUMNS)) or {"": (None, None)}
        for name, (here, there) in shown.items():
            table.add_row(cell(row.product_id), said, name, _value(here), _value(there))
        if more := len(row.columns) - len(shown):
            table.add_row(cell(row.product_id), said, f"and {more} more")
    if table.row_count:
        console.print(table)


def print_notes(category: str, lines: Iterable[str], console: Console) -> None:
    """Print what is to be said of a category, a line each."""
    for line in lines:
        said = plain(f"{category}: {line}", 2000)
        console.print(said, highlight=False, markup=False, soft_wrap=True)


def mismatch_object(row: Mismatch) -> dict[str, Any]:
    """Return one product that differs, its values by column."""
    return {
        "product_id": row.product_id,
        "kind": row.kind,
        "verdict": row.verdict,
        "columns": {
            name: {"here": _plain(here), "there": _plain(there)}
            for name, (here, there) in row.columns.items()
        },
    }


def _figures(found: Comparison | None) -> list[str]:
    if found is None:
        return []
    counts = [found.equal_count, *(found.count("wrong", kind) for kind in KINDS)]
    return [f"{one:,}" for one in (*counts, found.count("behind"), found.count("elsewhere"))]


def _print_details(verdict: Verdict, console: Console) -> None:
    lines = [*verdict.notes, *([verdict.error] if verdict.error else [])]
    if verdict.comparison and verdict.comparison.column_counts:
        columns = verdict.comparison.column_counts.items()
        lines.append("wrong columns: " + ", ".join(f"{name} {count:,}" for name, count in columns))
    if verdict.merged:
        lines.append(_merged(verdict))
    print_notes(verdict.category, lines, console)
    if verdict.comparison:
        print_mismatches(verdict.comparison.rows, console)


def _merged(verdict: Verdict) -> str:
    row, left = verdict.merged, verdict.left
    if row is None or left is None:
        return ""
    said = f"merged: {row.new_count:,} new, {row.changed_count:,} changed"
    said += f", {row.delisted_count:,} delisted"
    rest = left.count("wrong")
    return f"{said}; {rest:,} still differ" if rest else said


def _object(verdict: Verdict) -> dict[str, Any]:
    found = verdict.comparison
    return {
        "category": verdict.category,
        "status": verdict.status,
        "mirrored_version": verdict.mirrored,
        "upstream_version": verdict.version,
        "notes": verdict.notes,
        "error": verdict.error,
        **({} if found is None else counts_object(found)),
        "column_counts": {} if found is None else found.column_counts,
        "rows": [] if found is None else [mismatch_object(row) for row in found.rows],
        "refresh_id": verdict.merged.refresh_id if verdict.merged else None,
        "left_count": None if verdict.left is None else verdict.left.count("wrong"),
    }


def _value(value: Any) -> Any:
    return cell("" if value is None else plain(str(value), _VALUE_LENGTH))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | bool | int | float | datetime | None) else str(value)
