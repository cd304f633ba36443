"""The states of a lake: a table for a person, an object for a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.plain import cell
from storage.snapshots import State

_COUNTS = ("new", "changed", "delisted")


def print_states(states: Sequence[State], console: Console) -> None:
    """Print a row for each state, in the order given."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("snapshot", "time (UTC)", "what", *_COUNTS):
        table.add_column(name, justify="right" if name in {"snapshot", *_COUNTS} else "left")
    for one in states:
        counts = (one.new_count, one.changed_count, one.delisted_count)
        table.add_row(
            str(one.snapshot),
            f"{_whole_second(one.committed_at):%Y-%m-%d %H:%M:%S}",
            cell(one.what),
            *("" if count is None else f"{count:,}" for count in counts),
        )
    console.print(table)


def states_object(states: Sequence[State]) -> dict[str, Any]:
    """Return the same as an object with `snapshots`, each with its counts."""
    return {"snapshots": [asdict(one) for one in states]}


def _whole_second(moment: datetime) -> datetime:
    # Rounded up: the time as it is shown leads to this state and not to the one before.
    return (moment + timedelta(microseconds=999_999)).replace(microsecond=0)
