"""Full walks that are due by their age: which, when, and what happens where one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.errors import SettingsError
from flows.full_walks import due_for_full
from flows.settings import Settings, read_settings
from storage.lake import LakeFolder, open_for_writing
from storage.rollback import roll_back
from storage.standing import Standing
from tests.flows.test_plan import named, plan_of
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
SIZES = {f"category_{number:02}": 1 + (number * number * 37) % 1900 for number in range(58)}
"""Pages of 58 categories of very different size."""

LISTED = "SELECT product_id FROM products WHERE is_available ORDER BY 1"
MODES = "SELECT mode, status FROM refreshes ORDER BY finished_at, started_at"


def standing(category: str = "shoes", age: timedelta | None = None, **other: Any) -> Standing:
    """Return a category that was walked in full so long ago."""
    values: dict[str, Any] = {
        "version": 1,
        "last_full_at": None if age is None else NOON - age,
        "full_page_count": 10,
        "failed_full_count": 0,
        "failed_full_at": None,
        "unlisted_at": None,
    }
    return Standing(category, **values | other)


def due(*standings: Standing, every: timedelta | None = WEEK) -> list[str]:
    """Return what is due at noon."""
    return list(due_for_full(standings, every, NOON))


def live(interval: timedelta, runs: int) -> tuple[list[float], timedelta]:
    """Mirror 58 categories on one day, then run so often; return the shares walked, the oldest."""
    now = NOON
    lake = {
        name: standing(name, last_full_at=now, full_page_count=pages)
        for name, pages in SIZES.items()
    }
    shares, oldest = [], timedelta()
    for _ in range(runs):
        now += interval
        names = due_for_full(lake.values(), WEEK, now)
        shares.append(sum(SIZES[name] for name in names) / sum(SIZES.values()))
        ages = [now - one.last_full_at for one in lake.values() if one.last_full_at]
        oldest = max(oldest, *ages)
        lake |= {name: lake[name]._replace(last_full_at=now) for name in names}
    return shares, oldest


def test_a_daily_run_walks_a_seventh() -> None:
    """From the first day on, whatever the sizes; none gets older than a run more than a week."""
    shares, oldest = live(DAY, 60)
    largest = max(SIZES.values()) / sum(SIZES.values())
    assert all(1 / 7 - largest <= share <= 1 / 7 + largest for share in shares)
    assert sum(shares) / len(shares) == pytest.approx(1 / 7, rel=0.05)
    assert oldest <= WEEK + DAY


def test_an_hourly_run_walks_a_category_now_and_then() -> None:
    """What `serve` does: the same part of the catalogue in a day, never much at once."""
    shares, oldest = live(HOUR, 24 * 28)
    largest = max(SIZES.values()) / sum(SIZES.values())
    assert max(shares) <= 1 / (7 * 24) + 2 * largest
    assert sum(shares) / 4 == pytest.approx(1, rel=0.1)
    assert oldest <= WEEK + HOUR


def test_a_monthly_run_walks_everything() -> None:
    """No category is younger than a week then."""
    shares, _ = live(timedelta(days=30), 4)
    assert shares == [1.0] * 4


def test_a_single_category_is_due_after_the_whole_time() -> None:
    """With nothing to spread, it is due at its age alone."""
    assert due(standing(age=WEEK - HOUR)) == []
    assert due(standing(age=WEEK + HOUR)) == ["shoes"]


def test_no_known_walk_is_the_oldest() -> None:
    """As after a rollback to a state whose walk is not known."""
    assert due(standing("a", HOUR), standing("b")) == ["b"]


def test_never_is_never() -> None:
    """Where the age is set to never, nothing is due."""
    assert due(standing(age=timedelta(days=900)), every=None) == []


def test_a_walk_that_failed_twice_waits_and_holds_up_no_other() -> None:
    """It is tried in two runs, then once in a seventh of the time."""
    late = 2 * WEEK
    waiting = standing("a", late, failed_full_count=2, failed_full_at=NOON - HOUR)
    ready = standing("b", late, failed_full_count=2, failed_full_at=NOON - DAY)
    once = standing("c", late, failed_full_count=1, failed_full_at=NOON - HOUR)
    assert due(waiting, ready, once, standing("d", late)) == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("7d", WEEK),
        ("36h", 36 * HOUR),
        ("7 days", WEEK),
        (" 2 Weeks ", 2 * WEEK),
        ("0", None),
        ("0d", None),
        ("never", None),
        ("off", None),
    ],
)
def test_the_setting(text: str, span: timedelta | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span as a person types it, or none."""
    monkeypatch.setenv("FEEDLAKE_FULL_EVERY", text)
    assert read_settings().full_every == span
    assert Settings(full_every_text=text).full_every == span


@pytest.mark.parametrize("text", ["7", "-1d", "1.5d", "soon", "7d 3h", "99999999999d"])
def test_a_setting_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with what it may be."""
    monkeypatch.setenv("FEEDLAKE_FULL_EVERY", text)
    with pytest.raises(SettingsError, match=r"FEEDLAKE_FULL_EVERY .* is no span; use such as"):
        read_settings()


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve one category of three products, of which a delta never says that one has gone."""
    with Scripted() as scripted:
        scripted.page(None, record("A1"), record("B1"), to="second")
        scripted.page("second", record("C1"))
        yield scripted


def grow_old(lake: Path, days: int = 8) -> None:
    """Let the refreshes of a lake have begun earlier."""
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute(f"UPDATE refreshes SET started_at = started_at - INTERVAL {days} DAYS")


def move_on(shop: Scripted, version: int = 2) -> None:
    """Let C1 leave and A1 change its price; the delta tells only the second."""
    shop.version(version)
    shop.delta(version - 1, record("A1", 90.0 - version))
    shop.page(None, record("A1", 90.0 - version), record("B1"))


def test_deletions_that_no_delta_tells(lake: Path, refresh: Refresh, ask: Ask) -> None:
    """With deltas alone deleted products stay listed; the walk that is due delists them."""
    rules = Rules(quota=0, tells_deletions=False)
    with Sandbox(products=400, categories=2, seed=5, rules=rules) as sandbox:

        def listed_too_long() -> set[str]:
            truth = {
                one["productBaseInfoV1"]["productId"]
                for name in sandbox.versions()
                for one in sandbox.truth(name)
            }
            return {product_id for (product_id,) in ask(LISTED)} - truth

        refresh(sandbox)
        sandbox.next_day(4)
        rows = refresh(sandbox)
        assert {row.mode for row in rows.values()} == {"delta"}
        gone = listed_too_long()
        assert gone

        grow_old(lake)
        planned = named(plan_of(sandbox, lake))
        assert {(one.mode, one.is_due) for one in planned.values()} == {("full", True)}
        rows = refresh(sandbox)
        assert {row.mode for row in rows.values()} == {"full"}
        assert sum(row.delisted_count for row in rows.values()) == len(gone)
        assert listed_too_long() == set()
        assert {row.mode for row in refresh(sandbox).values()} == {"skip"}


def test_the_same_version_is_walked_too(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """A version that stands still proves nothing about deletions; never means never."""
    refresh(shop)
    grow_old(lake)
    move_on(shop)
    shop.version(1)
    assert refresh(shop, full_every_text="never")["shoes"].mode == "skip"
    assert refresh(shop)["shoes"].mode == "full"
    assert ask(LISTED) == [("A1",), ("B1",)]
    assert ask("SELECT version, last_full_at > now() - INTERVAL 1 HOUR FROM category_status") == [
        (1, True)
    ]


def test_other_walks_are_no_full_walks(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """Deltas and walks of what is in stock leave the age as it is."""
    refresh(shop)
    grow_old(lake, 3)
    ((walked_at,),) = ask("SELECT last_full_at FROM category_status")
    move_on(shop)
    refresh(shop, full_every_text="never")
    refresh(shop, in_stock=True)
    assert ask("SELECT last_full_at FROM category_status") == [(walked_at,)]


def test_a_rollback_takes_the_age_with_it(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """What was walked after the state that was put back does not count; the next walk does."""
    refresh(shop)
    grow_old(lake, 3)
    ((snapshot,),) = ask("SELECT id FROM lake.current_snapshot()")
    ((walked_at,),) = ask("SELECT last_full_at FROM category_status")
    move_on(shop)
    refresh(shop, full=True)
    assert ask("SELECT last_full_at > now() - INTERVAL 1 DAY FROM category_status") == [(True,)]
    roll_back(LakeFolder(lake), "shoes", str(snapshot))
    assert ask("SELECT version, last_full_at FROM category_status") == [(1, walked_at)]
    assert refresh(shop)["shoes"].mode == "delta"
    assert ask("SELECT last_full_at FROM category_status") == [(walked_at,)]


def test_a_walk_that_breaks_off_goes_on_and_then_gives_way(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """The first failure keeps its pages for the next run; the second takes the changes instead."""
    refresh(shop)
    grow_old(lake)
    move_on(shop)
    shop.page(None, record("A1", 88.0), record("B1"), to="second")
    shop.answers[shop.path("feeds", "shoes", "second")] = [404]
    broken = refresh(shop)["shoes"]
    assert (broken.mode, broken.status) == ("full", "failed")
    assert ask("SELECT version FROM category_status") == [(1,)]

    shop.asked.clear()
    row = refresh(shop)["shoes"]
    assert (row.mode, row.status, row.to_version) == ("delta", "done", 2)
    assert shop.asked.count(shop.path("feeds", "shoes", "second")) >= 1
    assert ask("SELECT selling_price FROM products WHERE product_id = 'A1'") == [(88,)]
    assert (
        ask("SELECT mode, status FROM refreshes WHERE status = 'failed'")
        == [("full", "failed")] * 2
    )
    assert refresh(shop)["shoes"].mode == "skip"


def test_pages_of_the_first_failure_are_not_asked_for_again(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """The next run goes on where the walk was, and delists."""
    refresh(shop)
    grow_old(lake)
    move_on(shop)
    shop.page(None, record("A1", 88.0), record("B1"), to="second")
    second = shop.path("feeds", "shoes", "second")
    shop.answers[second] = [500]
    assert refresh(shop)["shoes"].status == "failed"
    shop.page("second")
    shop.asked.clear()
    assert refresh(shop)["shoes"].mode == "full"
    assert {path for path in shop.asked if "/feeds/" in path} == {second}
    assert ask(LISTED) == [("A1",), ("B1",)]


def test_a_walk_that_its_guard_refuses_withholds_no_changes(
    shop: Scripted, lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """It is named as failed with what allows it, and the delta is merged in the same run."""
    refresh(shop)
    grow_old(lake)
    shop.version(2)
    shop.delta(1, record("A1", 88.0))
    shop.page(None)
    row = refresh(shop)["shoes"]
    assert (row.mode, row.status, row.to_version) == ("delta", "done", 2)
    ((error,),) = ask("SELECT error FROM refreshes WHERE status = 'failed'")
    assert "feedlake refresh shoes --full --max-loss 100%" in error
    assert ask("SELECT count(*) FROM products WHERE is_available") == [(3,)]
    assert ask("SELECT failed_full_count FROM category_standing") == [(1,)]
    # The next run asks again, though the version is the same, and believes what it is told then.
    shop.page(None, record("A1", 88.0), record("B1"))
    assert refresh(shop)["shoes"].mode == "full"
    assert ask("SELECT failed_full_count FROM category_standing") == [(0,)]


def test_a_broken_link_to_the_feed_withholds_no_changes_for_ever(
    shop: Scripted, lake: Path, refresh: Refresh
) -> None:
    """A directory may spoil one link of a category and keep the delta's whole."""
    shop.categories = ("hats", "shoes")
    shop.version(1, "hats")
    shop.put(shop.link("feeds", "hats"), record("HAT"))
    refresh(shop)
    grow_old(lake)
    move_on(shop)
    whole = shop.directory().decode()
    broken = whole.replace(shop.link("feeds", "shoes"), "N/A")
    shop.answers["/affiliate/api/me.json"] = [broken.encode()]
    assert refresh(shop)["shoes"].status == "failed"
    row = refresh(shop)["shoes"]
    assert (row.mode, row.status, row.to_version) == ("delta", "done", 2)


def test_a_refused_walk_of_the_same_version_is_made_anew(
    shop: Scripted, lake: Path, refresh: Refresh
) -> None:
    """Its pages are not kept: they may be an outage's."""
    refresh(shop)
    grow_old(lake)
    shop.page(None)
    assert refresh(shop)["shoes"].mode == "skip"
    move_on(shop)
    shop.version(1)
    row = refresh(shop)["shoes"]
    assert (row.mode, row.delisted_count) == ("full", 1)
