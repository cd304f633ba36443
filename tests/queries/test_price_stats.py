"""`price_stats` on made-up histories: gaps stay gaps, and no unobserved day is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.definitions import create_definitions
from storage.statements import statements
from tests.queries.plain import Plain

START = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = 24 * 40
"""The months of these tests are forty days, so that some of them lie before the last thirty."""


@dataclass(frozen=True)
class Seen:
    """A row of history."""

    hour: int
    price: int | None
    is_available: bool
    feed: str


@dataclass(frozen=True)
class Listed:
    """The product in a category."""

    category: str
    since: int
    until: int | None


@dataclass(frozen=True)
class Checked:
    """A refresh of a category."""

    category: str
    hour: int
    feed: str
    mode: str
    status: str


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Make the tables and views in memory."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
        for statement in statements("schema"):
            connection.execute(statement)
        create_definitions(connection)
        yield connection


def at(hour: int) -> datetime:
    """Return the time of an hour."""
    return START + timedelta(hours=hour)


def put(
    tables: duckdb.DuckDBPyConnection,
    history: list[Seen],
    listings: list[Listed],
    checks: list[Checked],
) -> None:
    """Fill the tables with one product and a check that ends the time."""
    for name in ("products", "price_history", "product_categories", "refreshes"):
        tables.execute(f"DELETE FROM {name}")
    rows = [
        ("P", at(one.hour), "INR", None, one.price, None, True, one.is_available, "A", one.feed)
        for one in history
    ]
    _insert(tables, "price_history", [(*row, "r") for row in rows])
    _insert(
        tables,
        "product_categories",
        [
            ("P", one.category, at(one.since), None if one.until is None else at(one.until))
            for one in listings
        ],
    )
    counts = [0] * 6
    _insert(
        tables,
        "refreshes",
        [
            (*said, None, None, at(hour), at(hour), *counts, None)
            for hour, *said in (
                (one.hour, "r", "r", one.category, one.feed, one.mode, one.status)
                for one in [*checks, Checked("Z", HOURS, "product", "skip", "done")]
            )
        ],
    )


def _insert(tables: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        tables.execute(f"INSERT INTO {name} VALUES {marks}", [one for row in rows for one in row])


def found(tables: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """Return the product's row, without its name and currency."""
    query = "SELECT * EXCLUDE (product_id, currency) FROM price_stats"
    answer: tuple[Any, ...] | None = tables.execute(query).fetchone()
    return answer


hours = st.integers(0, HOURS - 1)
categories = st.sampled_from("ABC")
histories = st.lists(
    st.builds(
        Seen,
        hours,
        st.sampled_from([None, 0, 100, 150, 300]),
        st.sampled_from([True, True, True, False]),
        st.sampled_from(["product", "product", "lookup", "rollback", "remove"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda seen: seen.hour,
).map(lambda rows: sorted(rows, key=lambda seen: seen.hour))
listed = st.builds(Listed, categories, hours, st.none() | hours).filter(
    lambda one: one.until is None or one.since < one.until
)
checked = st.builds(
    Checked,
    categories,
    hours,
    st.sampled_from(["product", "product", "product", "top"]),
    st.sampled_from(["full", "delta", "skip", "skip", "in_stock", "rollback"]),
    st.sampled_from(["done", "done", "done", "failed"]),
)


def observable(history: list[Seen], listings: list[Listed], checks: list[Checked]) -> set[int]:
    """Return the hours in which somebody could have known the product's price, at the most."""
    counted: dict[str, list[int]] = {}
    for check in checks:
        own = check.feed == "product" and check.mode in {"full", "delta", "skip"}
        if own and check.status == "done":
            counted.setdefault(check.category, []).append(check.hour)
    seen = [row for row in history if row.feed not in {"rollback", "remove"}]
    known = set()
    for hour in range(HOURS):
        state = next((row for row in reversed(seen) if row.hour <= hour), None)
        watched = any(
            one.since <= hour
            and (one.until is None or hour < one.until)
            and hour < max(counted.get(one.category, [0]))
            and any(check // 24 == hour // 24 for check in counted.get(one.category, []))
            for one in listings
        )
        if state and state.is_available and state.price and watched:
            known.add(hour)
    return known


@settings(deadline=None, max_examples=40)
@given(
    histories,
    st.lists(listed, max_size=3, unique_by=lambda one: one.category),
    st.lists(checked, max_size=40),
)
def test_no_day_is_claimed_that_nobody_observed(
    tables: duckdb.DuckDBPyConnection,
    history: list[Seen],
    listings: list[Listed],
    checks: list[Checked],
) -> None:
    """Time counts hour by hour or not at all; prices are of the days they are said to be of."""
    put(tables, history, listings, checks)
    row = found(tables)
    expected = {key: stats.row() for key, stats in Plain(tables).stats().items()}
    if row is None:
        assert expected == {}
        return
    assert [None if one is None else float(one) for one in row] == pytest.approx(
        [None if one is None else float(one) for one in expected["P", "INR"]], abs=0.0051
    )
    known = observable(history, listings, checks)
    for days, claimed in ((30, row[3]), (90, row[7]), (HOURS, row[11])):
        since = HOURS - 24 * days
        most = len({hour for hour in known if hour >= since}) / 24
        assert claimed <= most + 1e-9
        if len(listings) == 1:
            assert claimed == pytest.approx(most)
    prices = {seen.price for seen in history if seen.is_available and seen.price}
    assert {row[8], row[9]} <= {Decimal(price) for price in prices}
    assert (row[10] is None) == (row[11] == 0)


def daily(*days: int, category: str = "A") -> list[Checked]:
    """Return a successful check at six o'clock of each day."""
    return [Checked(category, 24 * day + 6, "product", "skip", "done") for day in days]


def seen(day: int, price: int | None) -> Seen:
    """Return what a check at six o'clock saw."""
    return Seen(24 * day + 6, price, is_available=True, feed="product")


def gone(day: int, price: int) -> Seen:
    """Return the product's leaving, at six o'clock, at its last price."""
    return Seen(24 * day + 6, price, is_available=False, feed="product")


FIRST = 24 * 10 + 6
IN_A = [Listed("A", FIRST, None)]


@pytest.mark.parametrize(
    ("rows", "average", "days"),
    [
        (([seen(10, 100)], IN_A, daily(*range(10, 21))), 100, 10),
        (([seen(10, 100), seen(15, 200)], IN_A, daily(*range(10, 21))), 150, 10),
        (([seen(10, 100)], IN_A, daily(10, 11, 12, 18, 19)), 100, 0.75 + 1 + 1 + 1 + 0.25),
        (([seen(10, 100), seen(15, None), seen(18, 200)], IN_A, daily(*range(10, 21))), 128.57, 7),
        (([seen(10, 100), seen(12, 0), seen(18, 200)], IN_A, daily(*range(10, 21))), 150, 4),
        (([seen(10, 100), gone(12, 100), seen(18, 200)], IN_A, daily(*range(10, 21))), 150, 4),
        (([seen(10, 100)], [], daily(*range(10, 21))), None, 0),
        (([seen(10, 100)], IN_A, daily(10)), None, 0),
        (([seen(10, 100)], IN_A, daily(*range(10, 21), category="B")), None, 0),
        (([seen(10, 100)], [Listed("A", FIRST, FIRST + 48)], daily(*range(10, 21))), 100, 2),
    ],
    ids=[
        "checked every day",
        "halfway twice the price",
        "a mirror that was off",
        "a price unknown",
        "a price of 0",
        "not available",
        "in no category",
        "checked once",
        "only another category was checked",
        "left the category",
    ],
)
def test_gaps_stay_gaps(
    tables: duckdb.DuckDBPyConnection,
    rows: tuple[list[Seen], list[Listed], list[Checked]],
    average: float | None,
    days: float,
) -> None:
    """What an average weighs, and how many days stand behind it."""
    put(tables, *rows)
    row = found(tables)
    assert row is not None
    assert (None if row[10] is None else float(row[10]), row[11]) == (average, days)


def test_a_price_of_long_ago_is_no_price_of_the_month(tables: duckdb.DuckDBPyConnection) -> None:
    """One that was last observed before the days is null in them, and still the lowest of all."""
    put(tables, [seen(1, 50), seen(2, 70)], [Listed("A", 30, None)], daily(1, 2, 3, 4))
    row = found(tables)
    assert row is not None
    assert row[:4] == (None, None, None, 0)
    assert row[4] == row[8] == 50
