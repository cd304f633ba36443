"""What a refresh would do: a table for a person, an object for a script."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.ago import ago
from flows.forecast import Forecast, Plan
from flows.plain import cell, plain

_RIGHT = {"mirrored", "upstream", "pages", "minutes"}
_COLUMNS = (
    *("category", "feed", "mode", "mirrored", "upstream", "full walk", "pages", "minutes", "note"),
)


def print_plan(plan: Plan, console: Console) -> None:
    """Print a row a feed and a line for the run."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", overflow="fold")
    for one in plan.forecasts:
        table.add_row(*map(cell, _cells(one)))
    console.print(table)
    for one in plan.forecasts:
        for line in _warnings(one):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(_total(plan), highlight=False, soft_wrap=True)


def plan_object(plan: Plan) -> dict[str, Any]:
    """Return the same as an object: `quota`, the sums and `feeds`."""
    return {
        "quota": plan.quota,
        "is_complete": plan.is_complete,
        "page_count": plan.pages,
        "request_count": plan.requests,
        "seconds": round(plan.seconds, 1),
        "feeds": [_object(one) for one in plan.forecasts],
    }


def _cells(one: Forecast) -> tuple[str, ...]:
    is_product = one.feed == "product"
    return (
        one.category,
        one.feed,
        one.mode,
        _number(one.mirrored_version, "none") if is_product else "",
        _number(one.version, "none") if is_product else "",
        ago(one.last_full_at) if is_product else "",
        _number(one.pages, "?"),
        "?" if one.seconds is None else f"{one.seconds / 60:.1f}",
        one.note,
    )


def _object(one: Forecast) -> dict[str, Any]:
    return {
        "category": one.category,
        "feed": one.feed,
        "mode": one.mode,
        "mirrored_version": one.mirrored_version,
        "version": one.version,
        "last_full_at": one.last_full_at,
        "is_due": one.is_due,
        "page_count": one.pages,
        "most_page_count": one.most_pages,
        "seconds": one.seconds,
        "page_seconds": one.page_seconds,
        "link_seconds": one.link_seconds,
        "fits_link": one.fits_link,
        "note": one.note or None,
        "error": one.error,
    }


def _warnings(one: Forecast) -> list[str]:
    name = plain(one.category, 100)
    if one.error:
        return [f"{name}: {plain(one.error, 1000)}"]
    if one.fits_link is False and one.seconds and one.link_seconds:
        line = (
            f"{name} takes {one.seconds / 3600:.1f} hours and a link lives "
            f"{one.link_seconds / 3600:.1f}: a chain cannot be read side by side. Every page "
            "brings a fresh link, so let it run; a refresh that is stopped for longer than a "
            "link lives may have to begin again"
        )
        return [line]
    return []


def _total(plan: Plan) -> str:
    least = "" if plan.is_complete else "at least "
    rate = f"at {plan.quota:g} a second" if plan.quota else "without a quota"
    return (
        f"{least}{plan.requests:,} requests {rate}, {least}{plan.seconds / 60:,.1f} minutes; "
        "nothing was written"
    )


def _number(value: int | None, none: str) -> str:
    return none if value is None else f"{value}"
