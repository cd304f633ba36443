"""What a run did: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.mirror import Mirror, name_of
from flows.plain import cell, plain
from storage.refreshes import RefreshRow

_FEEDS = ("product", "top", "books", "dump")
_COUNTS = {
    "pages": "page_count",
    "seen": "seen_count",
    "new": "new_count",
    "changed": "changed_count",
    "delisted": "delisted_count",
    "rejected": "rejected_count",
}
_COLUMNS = ("category", "feed", "mode", "from", "to", *_COUNTS, "secs")
_WIDE = 113
"""Columns of a terminal that shows everything; a narrower one has the feed behind the category, and
no old version."""


def print_summary(mirror: Mirror, console: Console) -> None:
    """Print a row a feed and a line for the run."""
    rows = _in_order(mirror.rows)
    totals = {
        name: f"{sum(getattr(row, count) for row in rows):,}" for name, count in _COUNTS.items()
    }
    last = {"category": "all", **totals, "secs": f"{mirror.progress.seconds:.1f}"}
    left_out: set[str] = set() if console.width >= _WIDE else {"feed", "from"}
    cells = [_cells(row) | ({"category": name_of(row)} if left_out else {}) for row in rows]
    names = [name for name in _COLUMNS if name not in left_out]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        if name == "category":
            table.add_column(name, overflow="fold", min_width=8)
        else:
            is_text = name in {"feed", "mode"}
            table.add_column(name, justify="left" if is_text else "right", no_wrap=True)
    for one in cells:
        table.add_row(*(cell(one[name]) for name in names))
    table.add_section()
    table.add_row(*(last.get(name, "") for name in names))
    console.print(table)
    for row in rows:
        if row.error:
            line = f"{plain(name_of(row), 100)} failed: {plain(row.error, 1000)}"
            console.print(line, markup=False, soft_wrap=True)
    for note in mirror.notes:
        console.print(plain(note, 1000), markup=False, highlight=False, soft_wrap=True)
    for row in rows:
        if repairs := _repairs(mirror, row):
            line = f"{plain(name_of(row), 100)}, faults mended in its pages: {repairs:,}"
            console.print(line, markup=False, soft_wrap=True)
    console.print(_requests(mirror), highlight=False)


def _cells(row: RefreshRow) -> dict[str, str]:
    return {
        "category": row.category,
        "feed": row.feed,
        "mode": "failed" if row.status == "failed" else row.mode,
        "from": _version(row, row.from_version),
        "to": _version(row, row.to_version),
        **{name: f"{getattr(row, count):,}" for name, count in _COUNTS.items()},
        "secs": f"{_seconds(row):.1f}",
    }


def summary(mirror: Mirror) -> dict[str, Any]:
    """Return the same as an object: `run_id`, `status`, `feeds`, `notes` and sums."""
    rows = _in_order(mirror.rows)
    return {
        "run_id": mirror.run_id,
        "status": "failed" if any(row.status == "failed" for row in rows) else "done",
        "seconds": round(mirror.progress.seconds, 3),
        "request_count": mirror.client.request_count,
        "retry_count": mirror.client.retry_count,
        "received_bytes": mirror.client.received_bytes,
        "notes": mirror.notes,
        "feeds": [
            {
                "category": row.category,
                "feed": row.feed,
                "mode": row.mode,
                "status": row.status,
                "from_version": row.from_version,
                "to_version": row.to_version,
                **{count: getattr(row, count) for count in _COUNTS.values()},
                "repair_count": _repairs(mirror, row),
                "seconds": round(_seconds(row), 3),
                "error": row.error,
            }
            for row in rows
        ],
    }


def _in_order(rows: Sequence[RefreshRow]) -> list[RefreshRow]:
    return sorted(rows, key=lambda row: (_FEEDS.index(row.feed), row.category))


def _version(row: RefreshRow, version: int | None) -> str:
    """Return a version of a product feed; lists have none."""
    if row.feed != "product":
        return ""
    return "none" if version is None else str(version)


def _repairs(mirror: Mirror, row: RefreshRow) -> int:
    return mirror.progress.jobs[name_of(row)].repairs


def _seconds(row: RefreshRow) -> float:
    return (row.finished_at - row.started_at).total_seconds()


def _requests(mirror: Mirror) -> str:
    client, seconds = mirror.client, max(mirror.progress.seconds, 0.001)
    repeated = f", {client.retry_count} of them repeated" if client.retry_count else ""
    return (
        f"{client.request_count:,} requests{repeated} ({client.request_count / seconds:.1f} a "
        f"second), {client.received_bytes / 1e6:,.1f} MB, "
        f"{mirror.progress.products / seconds:,.0f} products a second"
    )
