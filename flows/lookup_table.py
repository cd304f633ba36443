"""Products that a look-up or a search found, with prices and links that earn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from feeds.link import LinkError, affiliate_url
from flows.plain import cell, plain

COLUMNS = ("product_id", "title", "brand", "mrp", "selling_price", "special_price", "in_stock")


def with_links(rows: Sequence[dict[str, Any]], affid: str) -> list[dict[str, Any]]:
    """Return the rows with `link`: the product's link with the affid where one is set."""
    return [row | {"link": _link(row.pop("product_url", None), affid)} for row in rows]


def print_found(rows: Sequence[dict[str, Any]], console: Console) -> None:
    """Print the products, a link under each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("product", "title", "brand"):
        table.add_column(name, overflow="fold")
    for name in ("mrp", "price", "stock"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            cell(row["product_id"]),
            cell(row["title"]),
            cell(row["brand"]),
            _money(row["mrp"]),
            _money(row["special_price"] or row["selling_price"]),
            {True: "yes", False: "no"}.get(row["in_stock"], "?"),
        )
    console.print(table)
    for row in rows:
        if row["link"]:
            line = plain(f"{row['product_id']}  {row['link']}", 10_000)
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _link(url: str | None, affid: str) -> str | None:
    if not url or not affid:
        return url
    try:
        return affiliate_url(url, affid)
    except LinkError:
        return url


def _money(amount: Any) -> str:
    return f"{amount:,.2f}" if amount else "unknown"
