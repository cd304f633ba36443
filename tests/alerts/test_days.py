"""Thirty days of a sandbox: every event once, as a slow computation in plain Python tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.alerts.event import Event
from flows.alerts.rule_file import RuleFile
from flows.alerts.rules import DelistedRule, DropRule, LowRule, RankRule, Rule, StockRule
from flows.alerts.run import run_alerts
from flows.feed import Feed
from storage.lake import LakeFolder
from storage.upkeep import maintain
from tests.alerts.hook import into

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

STEPS = (1, 1, 1, 1, 1, 2, 1, 1, 3, 1, 4, 3, 4, 6)
"""Thirty days, in the steps that are mirrored."""
DROP = DropRule(name="tenth off", percent=10)
STEEP = DropRule(name="steep", percent=15, amount=200)
LOW = LowRule(name="week", days=7, percent=0)
BACK = StockRule(name="back")
GONE = DelistedRule(name="gone")
TOP = RankRule(name="top ten", top=10)
MOVE = RankRule(name="movers", moves=20)
RULES: tuple[Rule, ...] = (DROP, STEEP, LOW, BACK, GONE, TOP, MOVE)

Told = tuple[str, int, str, str | None]
"""Rule, day, product and, for ranks, category."""


class Offer(NamedTuple):
    """What a shopper sees of a product."""

    price: Decimal | None
    in_stock: bool


class Day(NamedTuple):
    """What a day shows."""

    offers: dict[str, Offer]
    lists: dict[str, list[str]]


def day_of(sandbox: Sandbox) -> Day:
    """Return what the sandbox shows now."""
    offers: dict[str, Offer] = {}
    for category in sandbox.versions():
        for one in sandbox.truth(category):
            base = one["productBaseInfoV1"]
            prices = [base["flipkartSpecialPrice"], base["flipkartSellingPrice"]]
            known = [price["amount"] for price in prices if price and price["amount"]]
            price = Decimal(str(known[0])).quantize(Decimal("0.01")) if known else None
            offers[base["productId"]] = Offer(price, base["inStock"])
    return Day(offers, {})


def expected(days: Sequence[Day]) -> set[Told]:
    """Return what must be told, looking at every product on every day."""
    told: set[Told] = set()
    for product_id in sorted(set().union(*(day.offers for day in days))):
        offers = [day.offers.get(product_id) for day in days]
        told |= set(_drops("tenth off", product_id, offers, lambda old, new: new <= old * 9 / 10))
        told |= set(
            _drops(
                "steep",
                product_id,
                offers,
                lambda old, new: new * 100 <= old * 85 and old - new >= 200,
            )
        )
        told |= set(_lows(product_id, offers))
        told |= set(_returns(product_id, offers))
        told |= set(_departures(product_id, offers))
    return told | set(_entries(days)) | set(_moves(days))


def _drops(
    name: str,
    product_id: str,
    offers: Sequence[Offer | None],
    is_drop: Callable[[Decimal, Decimal], bool],
) -> Iterator[Told]:
    reference: Decimal | None = None
    for day, offer in enumerate(offers):
        if offer is None or offer.price is None:
            continue
        if reference is None or is_drop(offer.price, reference):
            reference = offer.price
        elif is_drop(reference, offer.price):
            reference = offer.price
            yield name, day, product_id, None


def _lows(product_id: str, offers: Sequence[Offer | None]) -> Iterator[Told]:
    """A low is told where all of the seven days before are known and dearer."""
    for day, offer in enumerate(offers):
        first = next(number for number, one in enumerate(offers) if one)
        if offer is None or offer.price is None or day - first < 7 or offers[day - 1] == offer:
            continue
        week = [one.price for one in offers[day - 7 : day] if one and one.price]
        if week and offer.price < min(week):
            yield "week", day, product_id, None


def _returns(product_id: str, offers: Sequence[Offer | None]) -> Iterator[Told]:
    was_seen, could = False, False
    for day, offer in enumerate(offers):
        can = offer is not None and offer.in_stock
        if was_seen and can and not could:
            yield "back", day, product_id, None
        was_seen, could = was_seen or offer is not None, can


def _departures(product_id: str, offers: Sequence[Offer | None]) -> Iterator[Told]:
    for day, (before, now) in enumerate(pairwise(offers), start=1):
        if before is not None and now is None:
            yield "gone", day, product_id, None


def _entries(days: Sequence[Day]) -> Iterator[Told]:
    """Enters the first ten; counts as inside until it falls below fifteen."""
    for category in days[0].lists:
        inside = set(days[0].lists[category][:10])
        for number, day in enumerate(days[1:], start=1):
            ranked = day.lists[category]
            inside &= set(ranked[:15])
            for product_id in ranked[:10]:
                if product_id not in inside:
                    yield "top ten", number, product_id, category
            inside |= set(ranked[:10])


def _moves(days: Sequence[Day]) -> Iterator[Told]:
    for category in days[0].lists:
        reference = {one: rank for rank, one in enumerate(days[0].lists[category], start=1)}
        for number, day in enumerate(days[1:], start=1):
            now = {one: rank for rank, one in enumerate(day.lists[category], start=1)}
            for product_id, rank in now.items():
                if abs(rank - reference.get(product_id, rank)) >= 20:
                    reference[product_id] = rank
                    yield "movers", number, product_id, category
            reference = {one: reference.get(one, rank) for one, rank in now.items()}


class Clock(datetime):
    """A clock that a test sets: days must pass in seconds."""

    stands_at: datetime

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the time that was set."""
        return cls.stands_at.astimezone(tz)


class Life:
    """A lake that lives through days of a sandbox, its clock turned back to days."""

    def __init__(self, sandbox: Sandbox, lake: Path, refresh: Refresh, ask: Ask) -> None:
        """Mirror the first day."""
        self.sandbox, self.folder, self.refresh, self.ask = sandbox, LakeFolder(lake), refresh, ask
        self.start = datetime(2026, 3, 1, tzinfo=UTC)
        self.days: list[Day] = []
        self.mirror()

    def mirror(self) -> None:
        """Mirror the sandbox as it is now, lists on some days, and write down what it shows."""
        Clock.stands_at = self.start + timedelta(days=len(self.days))
        lists = (Feed.TOP,) if len(self.days) % 3 == 0 else ()
        self.refresh(self.sandbox, feeds=(Feed.PRODUCT, *lists))
        shown = day_of(self.sandbox)
        rows = self.ask("""
            SELECT category, list(product_id ORDER BY rank) FROM top_products
            WHERE (category, observed_at) IN (
                SELECT (category, max(observed_at)) FROM top_products GROUP BY category)
            GROUP BY category ORDER BY category""")
        self.days.append(Day(shown.offers, dict(rows)))

    def pass_days(self, count: int) -> None:
        """Let days pass and mirror the last of them; nobody saw the others."""
        self.sandbox.next_day(count)
        self.days += [self.days[-1]] * (count - 1)
        self.mirror()

    def tell(self, rules: Sequence[Rule] = RULES) -> list[Event]:
        """Return what a run tells."""
        shown: list[Event] = []
        asyncio.run(run_alerts(self.folder, RuleFile(tuple(rules)), into(shown)))
        return shown

    def essence(self, events: Sequence[Event]) -> list[Told]:
        """Return what events say, for comparison."""
        return [
            (
                one.rule,
                (one.observed_at - self.start) // timedelta(days=1),
                one.product_id,
                one.category if one.kind in {"top", "move"} else None,
            )
            for one in events
        ]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Date pages and merges by the test's clock."""
    monkeypatch.setattr("flows.staged_walk.datetime", Clock)
    monkeypatch.setattr("storage.commit.datetime", Clock)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve 300 products in one category."""
    with Sandbox(products=300, categories=1, seed=5, books=1, rules=Rules(quota=0)) as running:
        yield running


def test_thirty_days_tell_every_event_once(
    sandbox: Sandbox, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """Evaluated on some days, with upkeep between them: neither less nor more than there is."""
    life = Life(sandbox, lake, refresh, ask)
    told = life.tell()
    assert told == []
    for day, step in zip(accumulate(STEPS), STEPS, strict=True):
        life.pass_days(step)
        if day in {5, 20}:
            maintain(life.folder, timedelta(days=0), alone=True)
        if day in {4, 13, 20, 30}:
            told += life.tell()
    assert life.tell() == []
    found = life.essence(told)
    assert len(found) == len(set(found))
    assert len({one.event_id for one in told}) == len(told)
    wanted = expected(life.days)
    assert set(found) == wanted
    # Each kind occurred, or the comparison compares nothing.
    assert {rule for rule, *_ in wanted} == {rule.name for rule in RULES}
