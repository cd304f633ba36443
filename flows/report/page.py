"""The page, from its templates: one file with its style inside, and no script at all.

The page's own policy lets a browser load pictures over https and nothing else, so that a text that
got past the escaping would still run nothing and ask nobody.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flows.report import words
from flows.report.attention import FRESH, attention, standing
from flows.report.day_chart import HEIGHT as DAY_HEIGHT
from flows.report.day_chart import day_chart
from flows.report.facts import Asked, Facts, Row
from flows.report.step_chart import HEIGHT as STEP_HEIGHT
from flows.report.step_chart import step_chart
from flows.report.stretch import DAY, stretches

_DRAWN_DAYS = 90
_LARGEST_CATEGORIES = 12


def render(facts: Facts, asked: Asked, lake: str, now: datetime) -> str:
    """Return the page.

    Args:
        facts: what it says.
        asked: whose links they are.
        lake: the lake's name.
        now: when the page is written, in UTC.
    """
    style = _style()
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            facts=facts,
            affid=asked.affid,
            lake=lake,
            now=now,
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            notes=attention(facts, now),
            fresh_count=sum(standing(row, now) == FRESH for row in facts.categories),
            largest=facts.categories[:_LARGEST_CATEGORIES],
            days=day_chart(facts.activity),
            prices=_prices(facts),
            movers=_by_kind(facts.movers),
        )
    )


def _prices(facts: Facts) -> list[dict[str, Any]]:
    """Return for each chosen product its row, its drawing (None for none) and what was observed."""
    history, days = defaultdict(list), defaultdict(set)
    for row in facts.history:
        history[row["product_id"]].append(row)
    for row in facts.watched_days:
        days[row["product_id"]].add(row["day"])
    return [
        _price(product, history[product["product_id"]], days[product["product_id"]])
        for product in facts.chosen
    ]


def _price(product: Row, history: list[Row], days: set[int]) -> dict[str, Any]:
    own = [row for row in history if row["currency"] in {product["currency"], None}]
    last = own[-1]["observed_at"].timestamp() if own else 0.0
    # A price can be seen minutes after its check began.
    until = max(last, product["watched_until"].timestamp() if product["watched_until"] else last)
    known = stretches(own, days, until - _DRAWN_DAYS * DAY, until)
    return {
        "product": product,
        "chart": step_chart(known, until),
        "lowest": min((one.price for one in known), default=None),
        "highest": max((one.price for one in known), default=None),
        "since": known[0].start if known else None,
        "rows": own,
    }


def _by_kind(movers: list[Row]) -> dict[str, list[Row]]:
    return {
        kind: [row for row in movers if row["kind"] == kind]
        for kind in ("up", "down", "new", "left")
    }


@cache
def _style() -> str:
    return files("flows.report").joinpath("templates", "style.css").read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("flows.report"),
        autoescape=True,
        undefined=StrictUndefined,
        # Every text that is printed goes through here, wherever it comes from.
        finalize=words.one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        {
            name: getattr(words, name)
            for name in ("count", "iso", "money", "picture_link", "span", "web_link", "when")
        }
    )
    templates.globals.update(
        share=words.share, standing=standing, day_height=DAY_HEIGHT, step_height=STEP_HEIGHT
    )
    return templates
