"""What a reconciliation found: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.plain import cell
from flows.reconcile import Reconciled
from flows.verdicts import counts_object, mismatch_object, print_mismatches, print_notes
from storage.comparison import KINDS
from storage.reconciliation import Pair

_HEADINGS = ("equal", "only there", "only here", "different", "by age", "elsewhere")


def print_reconciled(done: Sequence[Reconciled], console: Console) -> None:
    """Print a line for every two roads of a category, then notes and some of what differs."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("category", "result", "here", "there"):
        table.add_column(name)
    for name in _HEADINGS:
        table.add_column(name, justify="right")
    for one in done:
        if not one.found:
            table.add_row(cell(one.category), one.status)
        for pair in one.found.pairs if one.found else ():
            table.add_row(cell(one.category), one.status, *_figures(one, pair))
    console.print(table)
    for one in done:
        _print_details(one, console)


def reconciled_object(done: Sequence[Reconciled]) -> dict[str, Any]:
    """Return the same as an object: `status` and `categories`."""
    is_bad = any(one.status in {"wrong", "failed"} for one in done)
    return {
        "status": "failed" if is_bad else "ok",
        "categories": [_object(one) for one in done],
    }


def _figures(done: Reconciled, pair: Pair) -> list[str]:
    counts, found = done.found.counts if done.found else {}, pair.comparison
    wrong = [found.count("wrong", kind) for kind in KINDS]
    figures = [found.equal_count, *wrong, found.count("behind"), found.count("elsewhere")]
    roads = [f"{road} {counts[road]:,}" for road in (pair.here, pair.there)]
    return [*roads, *(f"{one:,}" for one in figures)]


def _print_details(done: Reconciled, console: Console) -> None:
    lines = [*done.notes, *([done.error] if done.error else [])]
    pairs = done.found.pairs if done.found else ()
    for pair in pairs:
        if columns := pair.comparison.column_counts:
            counts = ", ".join(f"{name} {count:,}" for name, count in columns.items())
            lines.append(f"{pair.here} and {pair.there} differ in: {counts}")
    print_notes(done.category, lines, console)
    for pair in pairs:
        if any(row.verdict == "wrong" for row in pair.comparison.rows):
            print_notes(done.category, [f"here the {pair.here}, there the {pair.there}"], console)
            print_mismatches(pair.comparison.rows, console)


def _object(done: Reconciled) -> dict[str, Any]:
    found = done.found
    return {
        "category": done.category,
        "status": done.status,
        "mirrored_version": done.mirrored,
        "upstream_version": done.version,
        "dump_dated_at": done.dated_at,
        "notes": list(done.notes),
        "error": done.error,
        "counts": dict(found.counts) if found else {},
        "pairs": [_pair_object(one) for one in found.pairs] if found else [],
    }


def _pair_object(pair: Pair) -> dict[str, Any]:
    return {
        "here": pair.here,
        "there": pair.there,
        **counts_object(pair.comparison),
        "column_counts": pair.comparison.column_counts,
        "rows": [mismatch_object(row) for row in pair.comparison.rows],
    }
