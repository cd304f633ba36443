"""An event in one line, for people who read them in a chat or a mail."""

from __future__ import annotations

from decimal import Decimal

from flows.alerts.event import Event
from flows.plain import plain


def sentence(event: Event) -> str:
    """Return what happened to which product, and the rule that tells it."""
    name = plain(event.title or event.product_id, 120)
    return f"{name} {what(event)} [{event.rule}] {event.product_url or ''}".rstrip()


def what(event: Event) -> str:
    """Return what happened."""
    match event.kind:
        case "drop" | "low":
            fell = f"from {money(event.old_price)} to {money(event.new_price)}"
            lowest = ", its lowest" if event.kind == "low" else ""
            return f"fell {fell} {event.currency} (-{event.percent:g} %){lowest}"
        case "back_in_stock":
            price = f" at {money(event.new_price)} {event.currency}" if event.new_price else ""
            return f"is back in stock{price}"
        case "delisted":
            return "left the catalogue"
        case "top":
            return f"came to rank {event.new_rank} of {event.category}"
        case _:
            return f"moved from rank {event.old_rank} to {event.new_rank} of {event.category}"


def money(amount: Decimal | None) -> str:
    """Return an amount for a person."""
    return "" if amount is None else f"{amount:,.2f}"
