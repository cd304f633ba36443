"""Telling events from observations, with what each rule remembers of a product or a list.

Nothing here reads a lake or a file: what is remembered goes in and comes out. That is where it
is told once: a price that wobbles around a limit moves nothing that is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from flows.alerts.event import Event, new_event, percent_lower
from flows.alerts.rules import DelistedRule, DropRule, LowRule, RankRule, StockRule, exact
from storage.alerts.observations import Low, Observation, Offer, TopList


class Price(msgspec.Struct, frozen=True):
    """An amount that a rule remembers."""

    currency: str
    amount: Decimal


class ToldLow(msgspec.Struct, frozen=True):
    """The low that a rule told last."""

    price: Price
    observed_at: datetime


class Places(msgspec.Struct):
    """What a rule remembers of a category's list.

    Attributes:
        inside: products that entered the top and have not left it.
        ranks: by product, the rank that its moves are counted from.
    """

    inside: set[str] = set()
    ranks: dict[str, int] = {}


def watch_drops(
    rule: DropRule, reference: Price | None, rows: Sequence[Observation]
) -> tuple[Price | None, list[Event]]:
    """Tell the drops of one product.

    The reference is the price that was told last, else the first one seen. A drop is told against
    it and becomes it. It rises to a price from which it would itself be a drop: that arms the
    rule anew.

    Returns:
        The new reference, and the events.
    """
    events: list[Event] = []
    for row in rows:
        price = price_of(row.offer)
        if price is None:
            continue
        if reference is None or reference.currency != price.currency:
            reference = price
        if rule.is_drop(price.amount, reference.amount):
            reference = price
        if rule.is_drop(reference.amount, price.amount):
            events.append(_price_event(rule.name, "drop", row, price, reference.amount))
            reference = price
    return reference, events


def watch_lows(
    rule: LowRule, told: ToldLow | None, lows: Sequence[Low]
) -> tuple[ToldLow | None, list[Event]]:
    """Tell the lows of one product that are far enough below the one told last, or long after."""
    events: list[Event] = []
    share = 1 - exact(rule.percent) / 100
    for low in lows:
        price = Price(low.currency, low.price)
        is_recent = told and low.observed_at - told.observed_at < timedelta(days=rule.days)
        is_near = (
            told
            and told.price.currency == price.currency
            and price.amount > told.price.amount * share
        )
        if is_recent and is_near:
            continue
        events.append(_price_event(rule.name, "low", low, price, low.lowest))
        told = ToldLow(price, low.observed_at)
    return told, events


def watch_stock(rule: StockRule, before: Offer | None, rows: Sequence[Observation]) -> list[Event]:
    """Tell each time that one product can be bought again; where nobody knew, it is no return."""
    events: list[Event] = []
    could = can_be_bought(before)
    for row in rows:
        can = can_be_bought(row.offer)
        if can is None:
            continue
        if can and could is False:
            price = price_of(row.offer)
            amount, currency = (price.amount, price.currency) if price else (None, None)
            events.append(
                new_event(
                    rule.name,
                    rule.kind,
                    row.product_id,
                    row.observed_at,
                    currency=currency,
                    new_price=amount,
                )
            )
        could = can
    return events


def watch_listings(
    rule: DelistedRule, before: Offer | None, rows: Sequence[Observation]
) -> list[Event]:
    """Tell each time that one product leaves the catalogue."""
    events: list[Event] = []
    was_listed = before is not None and before.is_available
    for row in rows:
        if was_listed and not row.offer.is_available:
            events.append(new_event(rule.name, rule.kind, row.product_id, row.observed_at))
        was_listed = row.offer.is_available
    return events


def watch_ranks(
    rule: RankRule, places: Places | None, lists: Sequence[TopList]
) -> tuple[Places, list[Event]]:
    """Tell what enters the top of one category's lists, or moves in them.

    Args:
        rule: what to tell.
        places: what the rule remembers of the category; None for nothing.
        lists: in their order. The first may be old: it says where things stood.

    Returns:
        What to remember, and the events.
    """
    events: list[Event] = []
    first, *_ = lists
    if places is None:
        places = _places(rule, first) if not first.is_new else Places()
        is_silent = first.is_new
    else:
        is_silent = False
    for one in lists:
        if not one.is_new:
            continue
        if is_silent:
            # The first list of a category ever: it says where things stand.
            places, is_silent = _places(rule, one), False
            continue
        events += _entries(rule, places, one)
        events += _moves(rule, places, one)
    return places, events


def price_of(offer: Offer | None) -> Price | None:
    """Return the price of an offer that stands; None where it is not known or not available."""
    if offer is None or offer.price is None or not offer.currency or not offer.is_available:
        return None
    return Price(offer.currency, offer.price)


def can_be_bought(offer: Offer | None) -> bool | None:
    """Return whether an offer can be bought; None where the vendor did not say."""
    if offer is None:
        return None
    return offer.in_stock if offer.is_available else False


def _price_event(rule: str, kind: str, row: Observation | Low, price: Price, old: Decimal) -> Event:
    return new_event(
        rule,
        kind,
        row.product_id,
        row.observed_at,
        currency=price.currency,
        old_price=old,
        new_price=price.amount,
        percent=percent_lower(old, price.amount),
    )


def _places(rule: RankRule, one: TopList) -> Places:
    top = rule.top or 0
    inside = {product_id for product_id, rank in one.ranks.items() if rank <= top}
    return Places(inside, dict(one.ranks) if rule.moves else {})


def _entries(rule: RankRule, places: Places, one: TopList) -> Iterator[Event]:
    if rule.top is None:
        return
    places.inside = {
        product_id
        for product_id in places.inside
        if one.ranks.get(product_id, rule.last_rank + 1) <= rule.last_rank
    }
    for product_id, rank in one.ranks.items():
        if rank <= rule.top and product_id not in places.inside:
            places.inside.add(product_id)
            yield _rank_event(rule, "top", one, product_id, None)


def _moves(rule: RankRule, places: Places, one: TopList) -> Iterator[Event]:
    if rule.moves is None:
        return
    counted_from, places.ranks = places.ranks, {}
    for product_id, rank in one.ranks.items():
        old = counted_from.get(product_id, rank)
        has_moved = abs(rank - old) >= rule.moves
        places.ranks[product_id] = rank if has_moved else old
        if has_moved:
            yield _rank_event(rule, "move", one, product_id, old)


def _rank_event(rule: RankRule, kind: str, one: TopList, product_id: str, old: int | None) -> Event:
    return new_event(
        rule.name,
        kind,
        product_id,
        one.observed_at,
        category=one.category,
        old_rank=old,
        new_rank=one.ranks[product_id],
    )
