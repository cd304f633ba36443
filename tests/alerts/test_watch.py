"""What rules remember, so that each event is told once: prices, lows, stock and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.alerts.event import Event
from flows.alerts.rules import DropRule, LowRule, RankRule, StockRule
from flows.alerts.watch import (
    Places,
    Price,
    ToldLow,
    watch_drops,
    watch_lows,
    watch_ranks,
    watch_stock,
)
from storage.alerts.observations import Low, Observation, Offer, TopList

START = datetime(2026, 1, 1, tzinfo=UTC)
TENTH = DropRule(name="tenth", percent=10)


def rows_of(prices: Sequence[float | None], currency: str = "INR") -> list[Observation]:
    """Return observations of one product, a price a day; None is unknown."""
    return [
        Observation(
            "A",
            START + timedelta(days=day),
            Offer(currency, None if price is None else Decimal(str(price)), True, True),
        )
        for day, price in enumerate(prices)
    ]


def told(events: Sequence[Event]) -> list[tuple[float, float]]:
    """Return old and new price of events."""
    return [(float(one.old_price or 0), float(one.new_price or 0)) for one in events]


def drops(rule: DropRule, *prices: float | None) -> list[tuple[float, float]]:
    """Return the drops that are told of a product with these prices."""
    return told(watch_drops(rule, None, rows_of(prices))[1])


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100, 90], [(100, 90)]),
        ([100, 90.01], []),
        ([100, 95, 90], [(100, 90)]),
        ([100, 90, 81], [(100, 90), (90, 81)]),
        ([100, 90, 85], [(100, 90)]),
        # Wobbling around the limit, and a rise too small to arm it anew.
        ([100, 90, 91, 90, 92, 89, 99, 90], [(100, 90)]),
        # A rise from which the last told price would be a drop arms it.
        ([100, 90, 100, 90], [(100, 90), (100, 90)]),
        ([100, 120, 108], [(120, 108)]),
        ([100, 105, 94], []),
        # What is not known moves nothing.
        ([None, 100, None, 90, None, 90], [(100, 90)]),
        ([100, 100, 100], []),
    ],
)
def test_drops_are_told_against_what_was_told_last(
    prices: list[float | None], expected: list[tuple[float, float]]
) -> None:
    """Each line of docs/alerts.md about drops, as prices."""
    assert drops(TENTH, *prices) == expected


def test_percent_and_amount_must_both_be_reached() -> None:
    """A tenth of 1,000 is enough; a tenth of 100 is less than 50."""
    rule = DropRule(name="both", percent=10, amount=50)
    assert drops(rule, 1000, 900) == [(1000, 900)]
    assert drops(rule, 100, 90) == []
    assert drops(rule, 100, 49) == [(100, 49)]
    assert drops(DropRule(name="amount", amount=50), 1000, 951, 950) == [(1000, 950)]


def test_another_currency_is_another_price() -> None:
    """80 dollars after 100 rupees is no drop."""
    rupees, dollars = rows_of([100]), rows_of([80, 72], "USD")
    assert told(watch_drops(TENTH, None, rupees + dollars)[1]) == [(80, 72)]


prices = st.lists(st.integers(1, 2000).map(lambda cents: cents / 4), max_size=40)
rules = st.builds(
    DropRule,
    name=st.just("r"),
    percent=st.none() | st.integers(1, 60).map(float),
    amount=st.integers(1, 100).map(float),
)


@given(prices, rules)
def test_every_drop_told_is_one_from_a_price_since_the_last(
    walk: list[float], rule: DropRule
) -> None:
    """Between two told drops there stood a price from which the second is a drop."""
    rows = rows_of(walk)
    _, events = watch_drops(rule, None, rows)
    last = START
    for event in events:
        between = [one for one in rows if last <= one.observed_at < event.observed_at]
        assert event.old_price in [one.offer.price for one in between]
        assert event.old_price is not None
        assert event.new_price is not None
        assert rule.is_drop(event.old_price, event.new_price)
        last = event.observed_at


@given(st.data(), st.integers(5, 50), st.integers(100, 10_000))
def test_a_price_that_wobbles_within_the_limit_is_told_at_most_once(
    data: st.DataObject, percent: int, high: int
) -> None:
    """However often it crosses any line: a band narrower than the limit holds no second drop."""
    low = high * (100 - percent) // 100 + 1
    start = data.draw(st.integers(1, 20_000))
    walk = data.draw(st.lists(st.integers(low, high), max_size=60))
    rule = DropRule(name="r", percent=float(percent))
    _, events = watch_drops(rule, None, rows_of([start, *walk]))
    assert len(events) <= 1


@given(prices, rules, st.integers(0, 40))
def test_evaluating_in_two_runs_tells_what_one_run_tells(
    walk: list[float], rule: DropRule, cut: int
) -> None:
    """What is remembered between runs is all that matters."""
    rows = rows_of(walk)
    reference, first = watch_drops(rule, None, rows[:cut])
    _, second = watch_drops(rule, reference, rows[cut:])
    assert first + second == watch_drops(rule, None, rows)[1]


def low(day: int, price: float) -> Low:
    """Return a low of a product."""
    return Low("A", START + timedelta(days=day), "INR", Decimal(str(price)), Decimal(1000))


def test_a_sliding_price_is_told_in_steps() -> None:
    """Within the days only what is far enough below the last told low; after them, any low."""
    rule = LowRule(name="low", days=10, percent=2)
    slide = [low(0, 100), low(1, 99), low(2, 98.5), low(3, 98), low(4, 97), low(14, 97.5)]
    remembered, events = watch_lows(rule, None, slide)
    assert [float(one.new_price or 0) for one in events] == [100, 98, 97.5]
    assert remembered == ToldLow(Price("INR", Decimal("97.5")), START + timedelta(days=14))


def stock(*states: tuple[bool | None, bool], before: tuple[bool, bool] | None) -> int:
    """Return how often a return is told; each state is in stock and available."""
    rows = [
        Observation("A", START + timedelta(days=day), Offer("INR", Decimal(5), *state))
        for day, state in enumerate(states)
    ]
    known = Offer("INR", Decimal(5), *before) if before else None
    return len(watch_stock(StockRule(name="s"), known, rows))


def test_a_return_needs_an_absence() -> None:
    """Neither a first sight nor a change of price in stock is one; a relisting is."""
    sold_out, here, gone = (False, True), (True, True), (True, False)
    assert stock(here, before=None) == 0
    assert stock(here, before=here) == 0
    assert stock(here, before=sold_out) == 1
    assert stock(here, here, sold_out, here, before=sold_out) == 2
    assert stock(gone, here, before=here) == 1
    # The vendor said nothing of the stock: nobody knows that it was away.
    assert stock((None, True), here, before=here) == 0


def lists_of(*ranked: str) -> list[TopList]:
    """Return lists of one category, a letter a product; the first one is old."""
    return [
        TopList(
            "c",
            START + timedelta(days=day),
            day > 0,
            {one: rank for rank, one in enumerate(letters, start=1) if one != "."},
        )
        for day, letters in enumerate(ranked)
    ]


def entries(rule: RankRule, *ranked: str) -> list[str]:
    """Return the products that rank events are told of."""
    return [one.product_id for one in watch_ranks(rule, None, lists_of(*ranked))[1]]


def test_entering_the_top_is_told_once_until_it_is_left() -> None:
    """The first two; to leave them a product falls below the third, or out of the list."""
    rule = RankRule(name="top", top=2)
    assert entries(rule, "abcd", "acbd") == ["c"]
    assert entries(rule, "abcd", "acbd", "abcd", "acbd") == ["c"]
    assert entries(rule, "abcd", "acbd", "abdc", "acbd") == ["c", "c"]
    assert entries(rule, "abcd", "abcd") == []
    assert entries(rule, "abcd", "acd.", "abcd") == ["c", "b"]
    assert entries(RankRule(name="top", top=2, leave=9), "abcd", "acbd", "abdc", "acbd") == ["c"]


def test_moves_are_counted_from_the_rank_told_last() -> None:
    """Three ranks at once or one by one; a product that is new in the list has not moved."""
    rule = RankRule(name="moves", moves=3)
    assert entries(rule, "abcde", "bcdae") == ["a"]
    assert entries(rule, "abcde", "bacde", "bcade", "bcdae") == ["a"]
    assert entries(rule, "abcde", "bcdae", "bcade", "bcdae") == ["a"]
    assert entries(rule, "abcde", "zabcd") == []


def test_the_first_list_of_a_category_says_where_things_stand() -> None:
    """Nothing entered: nobody knows what was before."""
    places, events = watch_ranks(RankRule(name="top", top=2), None, lists_of("", "abc")[1:])
    assert events == []
    assert places == Places({"a", "b"}, {})
