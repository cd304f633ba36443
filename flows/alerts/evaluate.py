"""Evaluating rules: what the lake observed since each saw it last, and what that makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

import duckdb
import msgspec

from flows.alerts.event import Event
from flows.alerts.rules import DelistedRule, DropRule, LowRule, RankRule, Rule, StockRule
from flows.alerts.watch import (
    Places,
    Price,
    ToldLow,
    price_of,
    watch_drops,
    watch_listings,
    watch_lows,
    watch_ranks,
    watch_stock,
)
from flows.errors import WrongCallError
from storage.alerts.memory import AlertMemory, Found, SeenRule
from storage.alerts.observations import (
    Observations,
    current_snapshot,
    described,
    lake_identity,
)
from storage.errors import QueryError
from storage.lake import LakeFolder, open_for_reading
from storage.query import fence
from storage.transaction import transaction

T = TypeVar("T")
Marks = dict[str, bytes]


def evaluate(folder: LakeFolder, rules: Sequence[Rule], memory: AlertMemory) -> Evaluation:
    """Return what the rules have to tell, and what to remember of it; nothing is written.

    A rule that is evaluated for the first time has nothing to tell: it sees where things stand.

    Raises:
        LakeError: the lake cannot be read.
        WrongCallError: a rule's condition fails on a product.
    """
    with open_for_reading(folder) as connection:
        fence(connection, folder)
        with transaction(connection):
            return _evaluate(connection, rules, memory)


def _evaluate(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], memory: AlertMemory
) -> Evaluation:
    identity, current = lake_identity(connection), current_snapshot(connection)
    seen = memory.of_lake(identity)
    gathered: dict[int, Observations] = {}
    found: list[Found] = []
    events: list[Event] = []
    for rule in sorted(rules, key=lambda rule: _seen(seen, rule, current)):
        begin = _seen(seen, rule, current)
        marks, told = Marks(), list[Event]()
        if begin < current:
            for_this = gathered.setdefault(begin, Observations(connection, begin, current))
            marks, told = _watch(rule, for_this, memory.marks(rule.name))
        is_new = rule.name not in seen or seen[rule.name].kind != rule.kind
        found.append(Found(rule.name, SeenRule(rule.kind, current), is_new, marks))
        events += told
    return Evaluation(identity, found, _described(connection, events))


class Evaluation:
    """What rules have to tell.

    Attributes:
        events: by time.
    """

    def __init__(self, identity: str, found: Sequence[Found], events: Sequence[Event]) -> None:
        """Put the events in order."""
        self._identity, self._found = identity, found
        self.events = sorted(events, key=lambda one: (one.observed_at, one.rule, one.product_id))

    def record(self, memory: AlertMemory) -> None:
        """Record it all in one transaction; the events are owed from then on."""
        owed = {event.event_id: encoded(event) for event in self.events}
        memory.record(self._identity, self._found, owed)


def encoded(event: Event) -> bytes:
    """Return an event as JSON, prices as numbers."""
    return _encoder.encode(event)


def decoded(event: bytes) -> Event:
    """Return the event of this JSON."""
    return msgspec.json.decode(event, type=Event)


_encoder = msgspec.json.Encoder(decimal_format="number")


def _seen(seen: Mapping[str, SeenRule], rule: Rule, current: int) -> int:
    """Return up to which snapshot a rule was evaluated; to now for one that is new."""
    known = seen.get(rule.name)
    return known.seen if known and known.kind == rule.kind else current


def _watch(
    rule: Rule, observations: Observations, marks: Mapping[str, bytes]
) -> tuple[Marks, list[Event]]:
    try:
        match rule:
            case DropRule():
                return _drops(rule, observations, marks)
            case LowRule():
                return _lows(rule, observations, marks)
            case StockRule():
                offers = observations.offers(rule)
                return {}, [one for given in offers for one in watch_stock(rule, *given)]
            case DelistedRule():
                offers = observations.offers(rule)
                return {}, [one for given in offers for one in watch_listings(rule, *given)]
            case RankRule():
                return _ranks(rule, observations, marks)
    except QueryError as error:
        raise WrongCallError(
            f"rule {rule.name!r}: where: {error}; see `feedlake alerts check`"
        ) from error


def _drops(
    rule: DropRule, observations: Observations, marks: Mapping[str, bytes]
) -> tuple[Marks, list[Event]]:
    remembered: Marks = {}
    events: list[Event] = []
    for before, rows in observations.offers(rule):
        product_id = rows[0].product_id
        known = _mark(marks, product_id, Price)
        reference, told = watch_drops(rule, known or price_of(before), rows)
        # Where nothing was told, the lake itself will say what the product's last price was.
        if known or told or reference != price_of(rows[-1].offer):
            remembered[product_id] = msgspec.json.encode(reference)
        events += told
    return remembered, events


def _lows(
    rule: LowRule, observations: Observations, marks: Mapping[str, bytes]
) -> tuple[Marks, list[Event]]:
    remembered: Marks = {}
    events: list[Event] = []
    lows = observations.lows(rule, rule.days)
    for product_id, found in groupby(lows, key=lambda low: low.product_id):
        last, told = watch_lows(rule, _mark(marks, product_id, ToldLow), list(found))
        remembered[product_id] = msgspec.json.encode(last)
        events += told
    return remembered, events


def _ranks(
    rule: RankRule, observations: Observations, marks: Mapping[str, bytes]
) -> tuple[Marks, list[Event]]:
    remembered: Marks = {}
    events: list[Event] = []
    lists, selected = observations.lists(rule)
    for category, found in groupby(lists, key=lambda one: one.category):
        places, told = watch_ranks(rule, _mark(marks, category, Places), list(found))
        remembered[category] = msgspec.json.encode(places)
        events += (one for one in told if one.product_id in selected)
    return remembered, events


def _mark(marks: Mapping[str, bytes], subject: str, kind: type[T]) -> T | None:
    mark = marks.get(subject)
    return msgspec.json.decode(mark, type=kind) if mark else None


def _described(connection: duckdb.DuckDBPyConnection, events: Iterable[Event]) -> list[Event]:
    told = list(events)
    known = described(connection, sorted({one.product_id for one in told}))
    return [_with_description(one, known.get(one.product_id, {})) for one in told]


def _with_description(event: Event, known: Mapping[str, str | None]) -> Event:
    return msgspec.structs.replace(
        event,
        title=known.get("title"),
        brand=known.get("brand"),
        category=event.category or known.get("category"),
        product_url=known.get("product_url"),
    )
