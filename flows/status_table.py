"""The lake's figures as a table for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.ago import ago
from flows.plain import cell, plain
from flows.unlisted import warnings


def print_status(figures: Mapping[str, Any], console: Console) -> None:
    """Print what `storage.status.read_status` returned."""
    console.print(
        f"{figures['lake']}: {figures['product_count']:,} products listed, "
        f"{figures['gone_count']:,} gone, {figures['history_count']:,} rows of price history, "
        f"{figures['rejected_count']:,} rejected records, snapshot {figures['snapshot']}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in (
        "category",
        "version",
        "products",
        "gone",
        "mirrored",
        "checked",
        "full walk",
        "last",
    ):
        table.add_column(
            name, justify="right" if name in {"version", "products", "gone"} else "left"
        )
    for one in figures["categories"]:
        table.add_row(
            cell(one["category"]),
            "none" if one["version"] is None else str(one["version"]),
            f"{one['product_count']:,}",
            f"{one['delisted_count']:,}",
            ago(one["mirrored_at"]),
            ago(one["checked_at"]),
            ago(one["last_full_at"]),
            cell(one["last_error"] or one["last_mode"]),
        )
    console.print(table)
    for line in warnings(one["category"] for one in figures["categories"] if one["unlisted_at"]):
        console.print(plain(line, 1000), markup=False, highlight=False, soft_wrap=True)
