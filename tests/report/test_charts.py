"""Drawings: a price holds where it was seen, and a gap stays a gap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.report.day_chart import HEIGHT as DAY_HEIGHT
from flows.report.day_chart import day_chart
from flows.report.scale import round_ticks, time_label, time_ticks
from flows.report.step_chart import step_chart
from flows.report.stretch import DAY, stretches
from tests.report.reading import Page
from tests.report.shop import DAYS, day, seen, shop

FIRST_DAY = int(day(0).timestamp() // DAY)
WATCHED = {FIRST_DAY + number for number in DAYS}
UNTIL = day(9, 5).timestamp()
ID = "SHOE0000000000A1"


def history(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows of history as the report reads them."""
    return [row | {"price": row["selling_price"]} for row in rows]


def known(*rows: dict[str, Any], since: float = 0) -> list[tuple[float, float, float]]:
    """Return the stretches, in days after the first check, rounded, and their prices."""
    start = day(0).timestamp()
    found = stretches(history(*rows), WATCHED, since, UNTIL)
    return [
        (round((one.start - start) / DAY, 1), round((one.end - start) / DAY, 1), one.price)
        for one in found
    ]


def test_a_day_that_nobody_watched_is_a_gap() -> None:
    """The mirror was off on the fourth day, from midnight to midnight."""
    assert known(seen(ID, 0, 100)) == [(0.0, 2.8, 100.0), (3.8, 9.0, 100.0)]


def test_out_of_the_catalogue_is_a_gap() -> None:
    """It left on the third day and was seen again, at the same price, on the seventh."""
    rows = [seen(ID, 0, 100), seen(ID, 2, 100, is_available=False), seen(ID, 6, 100)]
    assert known(*rows) == [(0.0, 2.0, 100.0), (6.0, 9.0, 100.0)]


def test_an_unknown_price_is_a_gap() -> None:
    """A bare record says nothing of the price."""
    rows = [seen(ID, 0, 100), seen(ID, 1, None), seen(ID, 2, 90)]
    assert known(*rows)[:2] == [(0.0, 1.0, 100.0), (2.0, 2.8, 90.0)]


def test_a_price_of_a_moment_is_a_moment() -> None:
    """A list showed it on a day on which nothing was checked."""
    assert known(seen(ID, 3.25, 70), seen(ID, 4, 80))[0] == (3.3, 3.3, 70.0)


def test_the_drawing_begins_where_it_is_asked_to() -> None:
    """What held before goes on from there."""
    since = day(5).timestamp()
    assert known(seen(ID, 0, 100), since=since) == [(5.0, 9.0, 100.0)]


def test_steps_join_what_touches_only() -> None:
    """A change is drawn from price to price, a gap is never bridged."""
    rows = history(seen(ID, 0, 100), seen(ID, 1, 80), seen(ID, 6, 60), seen(ID, 9, 50))
    chart = step_chart(stretches(rows, WATCHED, 0, UNTIL), UNTIL)
    assert chart is not None
    assert [run.price for run in chart.runs] == [100, 80, 80, 60]
    assert len(chart.steps) == 3
    assert chart.runs[1].right < chart.runs[2].left
    (last,) = chart.dots
    assert last[1] == chart.steps[-1][2]
    assert [tick for _, tick in chart.prices] == [40, 60, 80, 100]


def test_nothing_known_is_not_drawn() -> None:
    """A page says so instead."""
    assert step_chart([], UNTIL) is None


def test_the_page_draws_the_gap(shop_page: Page) -> None:
    """The drop's lines are cut on the day that nobody watched."""
    (plot, *_) = shop_page.xpath("//article//*[local-name() = 'svg']")
    runs = plot.xpath(".//*[contains(@class, 'run')]")
    assert len(runs) == 2
    assert float(runs[0].get("x2")[:-1]) < float(runs[1].get("x1")[:-1])
    assert plot.get("aria-label").startswith(
        "Price of Shoe A1 since 1 Nov 2026, 06:05: lowest ₹600"
    )
    assert shop()["products"][0]["title"] == "Shoe A1"


finite = st.floats(0, 1e9, allow_nan=False)


@given(finite, finite)
def test_ticks_hold_what_they_are_for(one: float, other: float) -> None:
    """The first is at most the lowest, the last at least the highest, and they are few."""
    low, high = sorted((round(one, 2), round(other, 2)))
    ticks = round_ticks(low, high)
    assert ticks[0] <= low + 1e-6 * high
    assert ticks[-1] >= high - 1e-6 * high
    assert 2 <= len(ticks) <= 8


@given(st.floats(0, 4e9), st.floats(60, 4e7))
@example(5e-324, 60.0)
def test_time_ticks_lie_within(since: float, span: float) -> None:
    """However long a history is, its marks are few and inside."""
    ticks = time_ticks(since, since + span)
    assert len(ticks) <= 6
    assert all(since <= one <= since + span for one in ticks)


@pytest.mark.parametrize(("span", "label"), [(30 * DAY, "1 Nov"), (DAY, "06:00"), (60, "06:00:00")])
def test_time_labels(span: float, label: str) -> None:
    """They are as short as they can be."""
    assert time_label(day(0).timestamp(), span) == label


def test_days_without_a_refresh_have_no_column() -> None:
    """Columns stand on their days, their parts one on another."""
    rows = [
        {"day": FIRST_DAY + number, "changed_count": 6, "new_count": 4, "delisted_count": None}
        for number in (0, 2)
    ]
    chart = day_chart(rows)
    assert chart
    assert [[(kind, tall) for kind, _, tall in one.parts] for one in chart.columns] == [
        [("changed", 78.0), ("new", 52.0), ("delisted", 0.0)],
        [],
        [("changed", 78.0), ("new", 52.0), ("delisted", 0.0)],
    ]
    assert chart.columns[0].parts[1][1] == 0.0
    assert [one.label for one in chart.columns] == ["1 Nov", "2 Nov", "3 Nov"]
    assert chart.counts[0] == (DAY_HEIGHT, 0)


def test_one_day_is_no_course() -> None:
    """Nothing is drawn of it."""
    row = {"day": 1, "changed_count": 1, "new_count": 1, "delisted_count": 1}
    assert day_chart([row]) is None
