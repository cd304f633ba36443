"""One thing that a rule has to tell."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event, told once.

    Attributes:
        event_id: the same whenever it is told again, as after a kill: a receiver can tell.
        rule: the rule's name.
        kind: `drop`, `low`, `back_in_stock`, `delisted`, `top` or `move`.
        product_id: the product.
        observed_at: when the mirror saw it, UTC.
        category: of a list of top sellers; else where the product stands.
        currency: of the prices.
        old_price: what the price is compared with.
        new_price: what it is now.
        percent: how much lower that is.
        old_rank: what the rank is compared with; None for a product that was in no list.
        new_rank: what it is now.
        title: as the lake knows it.
        brand: likewise.
        product_url: a link that is nobody's.
    """

    event_id: str
    rule: str
    kind: str
    product_id: str
    observed_at: datetime
    category: str | None = None
    currency: str | None = None
    old_price: Decimal | None = None
    new_price: Decimal | None = None
    percent: float | None = None
    old_rank: int | None = None
    new_rank: int | None = None
    title: str | None = None
    brand: str | None = None
    product_url: str | None = None


def new_event(rule: str, kind: str, product_id: str, observed_at: datetime, **said: Any) -> Event:
    """Return an event, with an id made of what it is about."""
    about = (rule, kind, product_id, said.get("category") or "", observed_at.isoformat())
    digest = hashlib.blake2b("\n".join(about).encode(), digest_size=12).hexdigest()
    return Event(
        event_id=digest,
        rule=rule,
        kind=kind,
        product_id=product_id,
        observed_at=observed_at,
        **said,
    )


def percent_lower(old: Decimal, new: Decimal) -> float:
    """Return how many per cent lower a price is, to one decimal."""
    return round(float((old - new) / old * 100), 1)


def event_object(event: Event) -> dict[str, Any]:
    """Return an event as an object for JSON, with floats for prices."""
    made: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(Decimal,))
    return made
