"""What changed between two snapshots: a table for a person, CSV or one object for a script."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from itertools import groupby
from typing import Any, TextIO

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.plain import cell
from storage.diff import Change, Difference
from storage.snapshots import Snapshot

_ROWS_OF_A_TABLE = 10
_TITLE_LENGTH = 48


def print_diff(difference: Difference, limit: int | None, console: Console) -> None:
    """Print the totals, then the largest changes of each kind."""
    old, new = _named(difference.old), _named(difference.new)
    where = f" in {difference.category}" if difference.category else ""
    console.print(f"from {old} to {new}{where}", highlight=False, markup=False, soft_wrap=True)
    totals = Table(box=SIMPLE_HEAD, pad_edge=False)
    for kind in difference.totals:
        totals.add_column(_title(kind), justify="right")
    totals.add_row(*(f"{count:,}" for count in difference.totals.values()))
    console.print(totals)
    shown = _ROWS_OF_A_TABLE if limit is None else limit
    for kind, rows in groupby(difference.rows(shown), key=lambda row: row.change):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, title=_title(kind), title_justify="left")
        for name in ("product", "title", "category"):
            table.add_column(name)
        for name in ("old", "new", "%"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*_cells(row))
        if more := difference.totals[kind] - table.row_count:
            table.add_row(f"and {more:,} more")
        console.print(table)


def write_csv(difference: Difference, limit: int | None, out: TextIO) -> None:
    """Write a header and a line a change; what is unknown is empty."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Change._fields)
    writer.writerows(difference.rows(limit))


def write_json(difference: Difference, limit: int | None, out: TextIO) -> None:
    """Write one object: `from`, `to`, `category`, `totals`, and `changes`, a line each."""
    head = {
        "from": _object(difference.old),
        "to": _object(difference.new),
        "category": difference.category,
        "totals": difference.totals,
    }
    out.write(json.dumps(head)[:-1] + ', "changes": [')
    before = "\n"
    for row in difference.rows(limit):
        out.write(before + orjson.dumps(row._asdict(), default=float).decode())
        before = ",\n"
    out.write("\n]}\n")


def _named(snapshot: Snapshot) -> str:
    return f"snapshot {snapshot.number} ({snapshot.committed_at:%Y-%m-%d %H:%M:%S} UTC)"


def _object(snapshot: Snapshot) -> dict[str, Any]:
    return {"snapshot": snapshot.number, "committed_at": snapshot.committed_at.isoformat()}


def _title(kind: str) -> str:
    return kind.replace("_", " ")


def _cells(row: Change) -> list[str | Text]:
    return [
        cell(row.product_id),
        cell((row.title or "")[:_TITLE_LENGTH]),
        cell(row.category),
        _price(row.old_price),
        _price(row.new_price),
        "" if row.percent is None else f"{row.percent:+.1f}",
    ]


def _price(price: Decimal | None) -> str:
    return "" if price is None else f"{price:,.2f}"
