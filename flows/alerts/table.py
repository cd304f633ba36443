"""Events as a table for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.alerts.event import Event
from flows.alerts.sentence import what
from flows.plain import cell


def print_events(events: Sequence[Event], console: Console) -> None:
    """Print a row an event, or that there is none."""
    if not events:
        console.print("nothing to tell", style="dim")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("rule", "product", "title", "what"):
        table.add_column(name, overflow="fold")
    for event in events:
        table.add_row(
            cell(event.rule), cell(event.product_id), cell(event.title), cell(what(event))
        )
    console.print(table)
