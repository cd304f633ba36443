"""The ways in which links are printed."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Write = Callable[[Mapping[str, Any]], object]
"""Takes a row with an `affiliate_url`; all rows have the same columns."""

_CELL = 24


@contextmanager
def link_writer(fmt: str) -> Iterator[Write]:
    """Hold what prints rows on standard output.

    Args:
        fmt: `text`, a link a line; `csv`, a header and the rows; `json`, an array of objects, a
            line each; `table`, for a person, once every row is there.
    """
    with {"text": _text, "csv": _csv, "json": _json, "table": _table}[fmt]() as write:
        yield write


@contextmanager
def _text() -> Iterator[Write]:
    yield lambda row: sys.stdout.write(f"{row['affiliate_url']}\n")


@contextmanager
def _csv() -> Iterator[Write]:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    begun = False

    def write(row: Mapping[str, Any]) -> None:
        nonlocal begun
        if not begun:
            writer.writerow(row)
        begun = True
        writer.writerow(_cell(value) for value in row.values())

    yield write


@contextmanager
def _json() -> Iterator[Write]:
    before = "["

    def write(row: Mapping[str, Any]) -> None:
        nonlocal before
        sys.stdout.write(f"{before}\n{json.dumps(row, ensure_ascii=False)}")
        before = ","

    yield write
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


@contextmanager
def _table() -> Iterator[Write]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from flows.console import new_console

    rows: list[Mapping[str, Any]] = []
    yield rows.append
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in rows[0] if rows else ():
        # A link is folded, never cut: a cut one cannot be copied.
        if name == "affiliate_url":
            table.add_column(name, overflow="fold")
        else:
            table.add_column(name, max_width=_CELL, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    if rows:
        new_console().print(table)


def _cell(value: object) -> str:
    """Return text as it is, null as nothing, and the rest as JSON has it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
