"""`isAvailable: false` in every feed: what has gone is not listed, whoever says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from flows.feed import Feed
from flows.lookup import find_product
from flows.settings import Settings
from storage.checks import check_lake
from storage.lake import LakeFolder
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

STATES = """
    SELECT product_id, selling_price::INTEGER, is_available, delisted_at IS NULL
    FROM products ORDER BY product_id"""
LISTED = """
    SELECT category, product_id FROM product_categories WHERE delisted_at IS NULL ORDER BY ALL"""
GONE = {"isAvailable": False}


@pytest.fixture
def shop(lake: Path) -> Iterator[Scripted]:
    """Serve `hats` with A and B, and `shoes` with B and C; afterwards every check holds."""
    with Scripted(categories=("hats", "shoes"), tops=True) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("A", 10), record("B", 20))
        scripted.page(None, record("B", 20), record("C", 30))
        yield scripted
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []


def test_a_full_walk_lists_none_that_has_gone(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A known one leaves the category, and the catalogue with its last; a new one is not stored."""
    refresh(shop)
    shop.page(None, record("B", 21, **GONE), record("C", 31, **GONE), record("D", 40, **GONE))
    row = refresh(shop, "shoes", full=True)["shoes"]
    assert (row.seen_count, row.new_count, row.changed_count, row.delisted_count) == (3, 0, 0, 1)
    assert ask(STATES) == [("A", 10, True, True), ("B", 20, True, True), ("C", 30, False, False)]
    assert ask(LISTED) == [("hats", "A"), ("hats", "B")]
    assert ask("SELECT product_count, delisted_count FROM category_status") == [(2, 0), (0, 2)]
    shop.page(None, record("C", 32, isAvailable=True), record("D", 40))
    row = refresh(shop, "shoes", full=True)["shoes"]
    assert (row.new_count, row.changed_count, row.delisted_count) == (1, 1, 0)


def test_many_that_have_gone_are_a_loss(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """The guard counts them as it counts those that a walk did not meet."""
    shop.page(None, *(record(f"P{number:02}") for number in range(50)))
    refresh(shop, "shoes")
    shop.page(None, *(record(f"P{number:02}", isAvailable=number >= 30) for number in range(50)))
    row = refresh(shop, "shoes", full=True)["shoes"]
    assert row.status == "failed"
    assert "lost 30 of 50 products" in row.error
    assert ask("SELECT count(*) FROM products WHERE is_available") == [(50,)]


def test_a_top_seller_that_has_gone_keeps_its_rank(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """It leaves the list's category; one that nobody knew is kept as delisted."""
    refresh(shop)
    seller = [record(one, 5, **GONE) for one in ("C", "B", "A", "Z")]
    shop.put(shop.link("topFeeds", "shoes"), *seller)
    shop.put(shop.link("topFeeds", "hats"))
    row = refresh(shop, "shoes", feeds=(Feed.TOP,))["shoes"]
    assert (row.new_count, row.changed_count, row.delisted_count) == (1, 0, 1)
    assert ask("SELECT rank, product_id FROM top_products ORDER BY rank") == [
        (1, "C"),
        (2, "B"),
        (3, "A"),
        (4, "Z"),
    ]
    assert ask(STATES) == [
        ("A", 10, True, True),
        ("B", 20, True, True),
        ("C", 30, False, False),
        ("Z", 5, False, False),
    ]
    assert ask(LISTED) == [("hats", "A"), ("hats", "B")]


@pytest.mark.parametrize("known", [True, False])
def test_a_look_up_of_what_has_gone(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path, *, known: bool
) -> None:
    """It is shown; the product leaves every category, or is kept as delisted."""
    refresh(shop)
    product_id = "B" if known else "Z"
    shop.put_json("/affiliate/1.0/product.json", record(product_id, 7, **GONE))
    settings = Settings(
        affiliate_id=shop.affiliate_id,
        affiliate_token=SecretStr(shop.token),
        api_url=shop.url,
        lake=lake,
    )
    for _ in range(2):
        found = find_product(settings, product_id)
        assert found.page.frame["product_id"].to_list() == [product_id]
        price = 20 if known else 7
        state = ask(STATES.replace("ORDER", f"WHERE product_id = '{product_id}' ORDER"))
        assert state == [(product_id, price, False, False)]
        assert product_id not in {one for _, one in ask(LISTED)}
    history = "SELECT is_available, category, feed FROM price_history WHERE product_id = '{}'"
    assert ask(history.format(product_id) + " AND NOT is_available") == [(False, None, "lookup")]
