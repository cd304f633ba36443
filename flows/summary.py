"""What a run did: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.mirror import Mirror
from storage.refreshes import RefreshRow

_FEEDS = ("product", "top", "books", "dump")
_COUNTS = ("page", "seen", "new", "changed", "delisted", "rejected")


def print_summary(mirror: Mirror, console: Console) -> None:
    """Print a row a feed and a line for the run."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("category", no_wrap=True, min_width=12)
    table.add_column("feed", no_wrap=True)
    table.add_column("mode", no_wrap=True)
    for name in ("from", "to", "pages", "seen", "new", "changed", "delisted", "rejected", "secs"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = _in_order(mirror.rows)
    for row in rows:
        counts = [f"{getattr(row, f'{name}_count'):,}" for name in _COUNTS]
        versions = [_version(row.from_version), _version(row.to_version)]
        table.add_row(
            row.category, row.feed, _mode(row), *versions, *counts, f"{_seconds(row):.1f}"
        )
    table.add_section()
    totals = [f"{sum(getattr(row, f'{name}_count') for row in rows):,}" for name in _COUNTS]
    table.add_row("all", "", "", "", "", *totals, f"{mirror.progress.seconds:.1f}")
    console.print(table)
    for row in rows:
        if row.error:
            console.print(f"{row.category} failed: {row.error}", markup=False, soft_wrap=True)
    console.print(_requests(mirror), highlight=False)


def summary(mirror: Mirror) -> dict[str, Any]:
    """Return the same as an object: `run_id`, `status`, `feeds`, `requests`, `seconds`."""
    rows = _in_order(mirror.rows)
    return {
        "run_id": mirror.run_id,
        "status": "failed" if any(row.status == "failed" for row in rows) else "done",
        "seconds": round(mirror.progress.seconds, 3),
        "request_count": mirror.client.request_count,
        "retry_count": mirror.client.retry_count,
        "received_bytes": mirror.client.received_bytes,
        "feeds": [
            {
                "category": row.category,
                "feed": row.feed,
                "mode": row.mode,
                "status": row.status,
                "from_version": row.from_version,
                "to_version": row.to_version,
                **{f"{name}_count": getattr(row, f"{name}_count") for name in _COUNTS},
                "seconds": round(_seconds(row), 3),
                "error": row.error,
            }
            for row in rows
        ],
    }


def _in_order(rows: Sequence[RefreshRow]) -> list[RefreshRow]:
    return sorted(rows, key=lambda row: (_FEEDS.index(row.feed), row.category))


def _mode(row: RefreshRow) -> str:
    return "failed" if row.status == "failed" else row.mode


def _version(version: int | None) -> str:
    return "none" if version is None else str(version)


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
