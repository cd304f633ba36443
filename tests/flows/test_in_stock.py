"""Walks of what is in stock: they add, and take nothing away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.errors import WrongCallError
from flows.feed import Feed
from storage.checks import check_lake
from storage.lake import LakeFolder
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]

PRODUCTS = """
    SELECT * EXCLUDE (category, feed, feed_version, first_seen_at, changed_at, delisted_at)
    FROM products ORDER BY product_id
"""
MEMBERS = """
    SELECT product_id, category, delisted_at IS NULL FROM product_categories ORDER BY ALL
"""
VERSIONS = "SELECT category, version FROM category_versions ORDER BY ALL"
DELISTED = """
    SELECT
        (SELECT count(*) FROM products WHERE delisted_at IS NOT NULL),
        (SELECT count(*) FROM product_categories WHERE delisted_at IS NOT NULL)
"""


@pytest.fixture
def lake(made_lake: Path, lake: Path) -> Path:
    """Return a lake without data."""
    shutil.copytree(made_lake, lake)
    return lake


PRICES = "SELECT product_id, selling_price::DOUBLE, in_stock FROM products WHERE is_available"


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve the category `shoes`."""
    with Scripted() as scripted:
        yield scripted


def broken_checks(lake: Path) -> list[str]:
    """Return the checks of `verify` that fail."""
    return [one.name for one in check_lake(LakeFolder(lake)) if not one.holds]


def test_it_takes_nothing_away_and_a_delta_mends_the_rest(
    refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Two lakes of the same days, one with filtered walks between: the same in the end."""
    with Sandbox(products=400, categories=2, seed=5, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox)
        plain = shutil.copytree(lake, lake.parent / "plain")
        for _ in range(2):
            sandbox.next_day()
            versions, delisted = ask(VERSIONS), ask(DELISTED)
            rows = refresh(sandbox, in_stock=True)
            assert {(row.status, row.mode) for row in rows.values()} == {("done", "in_stock")}
            assert sum(row.new_count + row.changed_count for row in rows.values()) > 0
            assert (ask(VERSIONS), ask(DELISTED)) == (versions, delisted)
            for into in (lake, plain):
                modes = {row.mode for row in refresh(sandbox, into=into).values()}
                assert modes <= {"delta", "skip"}
    for query in (PRODUCTS, MEMBERS, VERSIONS):
        assert ask(query) == ask(query, of=plain)
    assert broken_checks(lake) == []


def test_it_shows_what_is_in_stock_and_no_other(refresh: Refresh, ask: Ask) -> None:
    """A first mirror through it holds just that, at no version."""
    with Sandbox(products=300, categories=2, rules=Rules(quota=0)) as sandbox:
        rows = refresh(sandbox, in_stock=True)
        truth = {
            record["productBaseInfoV1"]["productId"]
            for category in sandbox.versions()
            for record in sandbox.truth(category)
            if record["productBaseInfoV1"]["inStock"]
        }
    assert {one for (one,) in ask("SELECT product_id FROM products")} == truth
    assert [row.to_version for row in rows.values()] == [None] * 2
    status = ask("SELECT version, last_mode, checked_at FROM category_status")
    assert status == [(None, "in_stock", None)] * 2


def test_a_category_mirrored_only_through_it_still_gets_a_full_walk(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """What left in between is then delisted, and what was out of stock is there."""
    shop.page(None, record("A", 10), record("gone", 5))
    refresh(shop, in_stock=True)
    shop.page(None, record("A", 10), record("B", 20, inStock=False))
    row = refresh(shop)["shoes"]
    assert (row.mode, row.to_version, row.delisted_count) == ("full", 1, 1)
    assert ask(f"{PRICES} ORDER BY 1") == [("A", 10, True), ("B", 20, False)]


def test_it_asks_for_no_version_and_no_delta_is_filtered(shop: Scripted, refresh: Refresh) -> None:
    """Every page of it is filtered, also where a nextUrl has lost the filter; nothing else is."""
    shop.page(None, record("A"), to="c1")
    shop.page("c1", record("B"))
    feed = [shop.path("feeds", "shoes"), shop.path("feeds", "shoes", "c1")]
    refresh(shop, in_stock=True)
    assert shop.filtered == feed
    assert [path for path in shop.asked if "deltaFeeds" in path] == []
    shop.filtered.clear()
    refresh(shop)
    shop.version(2)
    shop.delta(1, record("A", 5))
    assert refresh(shop)["shoes"].mode == "delta"
    assert shop.filtered == []


def test_it_goes_on_where_it_was_and_so_does_a_full_walk(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Each keeps its own pages: neither is finished with those of the other."""
    last = shop.path("feeds", "shoes", "c1")
    shop.page(None, record("A"), to="c1")
    shop.answers[last] = [500]
    assert refresh(shop)["shoes"].status == "failed"
    shop.page(None, record("F"), to="c1")
    assert refresh(shop, in_stock=True)["shoes"].status == "failed"
    shop.page("c1", record("B"))
    first = shop.path("feeds", "shoes")
    shop.asked.clear()
    assert refresh(shop, in_stock=True)["shoes"].page_count == 2
    assert ask("SELECT product_id FROM products ORDER BY 1") == [("B",), ("F",)]
    row = refresh(shop)["shoes"]
    assert (row.mode, row.page_count, row.delisted_count) == ("full", 2, 1)
    assert ask("SELECT product_id FROM products WHERE is_available ORDER BY 1") == [("A",), ("B",)]
    assert first not in shop.asked


def test_one_that_died_overwrites_nothing_that_came_later(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Its early pages were overtaken; no delta would mend what they overwrite."""
    last = shop.path("feeds", "shoes", "c1")
    shop.page(None, record("A", 10), record("same", 7), record("left", 5), record("B", 1))
    refresh(shop)
    early = [record("A", 11), record("same", 8), record("left", 6), record("short-lived")]
    shop.page(None, *early, to="c1")
    shop.answers[last] = [500]
    assert refresh(shop, in_stock=True)["shoes"].status == "failed"
    shop.page(None, record("A", 12), record("same", 7), record("B", 1))
    refresh(shop, full=True)
    shop.page("c1", record("B", 2), record("new", 3))
    row = refresh(shop, in_stock=True)["shoes"]
    assert (row.mode, row.page_count) == ("in_stock", 2)
    assert ask(f"{PRICES} ORDER BY 1") == [
        ("A", 12, True),
        ("B", 2, True),
        ("new", 3, True),
        ("same", 7, True),
    ]
    members = "SELECT product_id FROM product_categories WHERE delisted_at IS NULL ORDER BY 1"
    assert [one for (one,) in ask(members)] == ["A", "B", "new", "same"]
    assert broken_checks(lake) == []


def test_one_that_died_overwrites_nothing_that_another_category_said(
    refresh: Refresh, ask: Ask
) -> None:
    """Its own category need not have been refreshed since."""
    with Scripted(categories=("hats", "shoes")) as shop:
        shop.put(shop.link("feeds", "hats"), record("S", 10))
        shop.page(None, record("S", 10))
        refresh(shop)
        shop.page(None, record("S", 11), to="c1")
        shop.answers[shop.path("feeds", "shoes", "c1")] = [500]
        refresh(shop, "shoes", in_stock=True)
        shop.put(shop.link("feeds", "hats"), record("S", 12))
        refresh(shop, "hats", full=True)
        shop.page("c1", record("T", 1))
        refresh(shop, "shoes", in_stock=True)
    assert ask(f"{PRICES} ORDER BY 1") == [("S", 12, True), ("T", 1, True)]


def test_a_bare_record_blanks_no_price(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """Its complete twin may be out of stock, and hidden."""
    shop.page(None, record("A", 10, inStock=False), record("A", None))
    refresh(shop)
    shop.page(None, record("A", None), record("B", isAvailable=False))
    refresh(shop, in_stock=True)
    assert ask("SELECT product_id, selling_price::DOUBLE FROM products") == [("A", 10)]


def test_what_has_left_comes_back_with_the_next_delta(
    refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Not with what is in stock: a deletion after it might never be told."""
    available = f"{PRICES} ORDER BY 1"
    with Scripted(categories=("hats", "shoes")) as shop:
        shop.put(shop.link("feeds", "hats"), record("H"))
        shop.page(None, record("A"), record("B"))
        refresh(shop)
        shop.version(2)
        shop.delta(1, record("A", isAvailable=False))
        refresh(shop, "shoes")
        back = record("A", 5, isAvailable=True)
        shop.page(None, back, record("B"))
        shop.put(shop.link("feeds", "hats"), record("H"), back)
        refresh(shop, in_stock=True)
        assert ask(available) == [("B", 100, True), ("H", 100, True)]
        assert broken_checks(lake) == []
        shop.version(3)
        shop.delta(2, back)
        refresh(shop, "shoes")
    assert ask(available) == [("A", 5, True), ("B", 100, True), ("H", 100, True)]
    assert broken_checks(lake) == []


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"full": True}, "--full walks every product"),
        ({"feeds": (Feed.PRODUCT, Feed.TOP)}, "top is none"),
        ({"feeds": (Feed.DUMP,)}, "dump is none"),
    ],
)
def test_what_cannot_be_filtered_is_refused(
    shop: Scripted, refresh: Refresh, call: dict[str, Any], says: str
) -> None:
    """Before anything is asked for."""
    with pytest.raises(WrongCallError, match=says):
        refresh(shop, in_stock=True, **call)
    with pytest.raises(WrongCallError, match="books is none"):
        refresh(shop, "books", in_stock=True)
    assert shop.asked == []


@pytest.mark.command
def test_the_command_refuses_them_in_one_line(command: Command) -> None:
    """Status 2, before an account is needed; product feeds alone are its default."""
    for other in (("--full",), ("--feed", "top")):
        done = command("refresh", "--in-stock", *other)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "--in-stock" in done.stderr
    assert "FK_AFFILIATE_ID" in command("refresh", "--in-stock").stderr
