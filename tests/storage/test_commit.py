"""What a merge does with twins, several categories, deletions and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve two categories."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        yield scripted


def put(shop: Scripted, category: str, *records: Any) -> None:
    """Put a category's whole feed."""
    shop.put(shop.link("feeds", category), *records)


def prices(ask: Ask) -> dict[str, Any]:
    """Return selling prices as floats, None for none."""
    rows = ask("SELECT product_id, selling_price::DOUBLE FROM products WHERE is_available")
    return dict(rows)


def test_a_complete_twin_beats_a_bare_one(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """In whichever order they come."""
    put(shop, "hats", record("A", 10), record("A", None), record("B", None), record("B", 20))
    put(shop, "shoes")
    refresh(shop)
    assert prices(ask) == {"A": 10, "B": 20}


def test_the_later_of_two_equals_wins(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """Complete or bare, the later record of a kind is the row."""
    put(shop, "hats", record("A", 10), record("A", 11), record("B", None, title="x"))
    put(shop, "shoes")
    refresh(shop)
    assert prices(ask) == {"A": 11, "B": None}


def test_a_bare_record_blanks_no_product_of_another_category(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """The order in which categories finish does not matter."""
    put(shop, "hats", record("A", 10))
    put(shop, "shoes", record("A", None))
    for order in (("hats", "shoes"), ("shoes", "hats")):
        for category in order:
            refresh(shop, category, full=True)
        assert prices(ask) == {"A": 10}


def test_a_product_leaves_with_its_last_category(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Gone from one of two categories it is still available."""
    put(shop, "hats", record("A"), record("H"))
    put(shop, "shoes", record("A"), record("S"))
    refresh(shop)
    state = "SELECT is_available, delisted_at IS NULL FROM products WHERE product_id = 'A'"
    put(shop, "hats", record("H"))
    assert refresh(shop, "hats", full=True)["hats"].delisted_count == 0
    assert ask(state) == [(True, True)]
    put(shop, "shoes", record("S"))
    assert refresh(shop, "shoes", full=True)["shoes"].delisted_count == 1
    assert ask(state) == [(False, False)]
    members = "SELECT category, delisted_at IS NULL FROM product_categories WHERE product_id = 'A'"
    assert ask(f"{members} ORDER BY 1") == [("hats", False), ("shoes", False)]


def test_a_deletion_keeps_what_the_product_was(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A delta's deletion says little; only the availability changes, and history shows it."""
    put(shop, "hats")
    shop.page(None, record("A", 10), record("B", 20))
    refresh(shop)
    shop.version(2)
    shop.delta(1, record("A", None, isAvailable=False, title=None))
    row = refresh(shop)["shoes"]
    assert (row.mode, row.delisted_count, row.changed_count) == ("delta", 1, 0)
    columns = "title, selling_price::DOUBLE, is_available, delisted_at IS NULL"
    assert ask(f"SELECT {columns} FROM products ORDER BY product_id") == [
        ("Product A", 10, False, False),
        ("Product B", 20, True, True),
    ]
    history = ask(
        "SELECT is_available, selling_price::DOUBLE FROM price_history ORDER BY observed_at"
    )
    assert history[-1] == (False, 10)
    assert len(history) == 3


def test_a_return_is_seen(shop: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A delisted product that comes back unchanged is available again, with a row of history."""
    put(shop, "hats")
    shop.page(None, record("A", 10), record("B", 20))
    refresh(shop)
    shop.version(2)
    shop.delta(1, record("A", 10, isAvailable=False))
    refresh(shop)
    shop.version(3)
    shop.delta(2, record("A", 10, isAvailable=True))
    row = refresh(shop)["shoes"]
    assert (row.new_count, row.changed_count) == (0, 1)
    assert ask("SELECT is_available, delisted_at IS NULL FROM products WHERE product_id = 'A'") == [
        (True, True)
    ]
    assert ask("SELECT count(*) FROM product_categories WHERE delisted_at IS NULL") == [(2,)]
    states = "SELECT is_available FROM price_history WHERE product_id = 'A' ORDER BY observed_at"
    assert ask(states) == [(True,), (False,), (True,)]


def test_a_deletion_of_the_unknown_writes_nothing(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """There is nothing to take away."""
    put(shop, "hats")
    shop.page(None, record("A"))
    refresh(shop)
    shop.version(2)
    shop.delta(1, record("Z", isAvailable=False))
    row = refresh(shop)["shoes"]
    assert (row.to_version, row.new_count, row.delisted_count) == (2, 0, 0)
    assert prices(ask) == {"A": 100}


def test_history_gains_rows_for_prices_and_stock_only(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """A new title changes the product and no history."""
    put(shop, "hats")
    shop.page(None, record("A", 10), record("B", 20), record("C", 30))
    refresh(shop)
    shop.version(2)
    shop.delta(1, record("A", 10, title="New"), record("B", 19), record("C", 30, inStock=False))
    row = refresh(shop)["shoes"]
    assert row.changed_count == 3
    since = ask(
        "SELECT product_id, selling_price::DOUBLE, in_stock FROM price_history "
        "WHERE refresh_id = (SELECT max_by(refresh_id, finished_at) FROM refreshes "
        "WHERE mode = 'delta') ORDER BY 1"
    )
    assert since == [("B", 19, True), ("C", 30, False)]
    assert ask("SELECT title FROM products WHERE product_id = 'A'") == [("New",)]


def test_a_flag_that_was_not_said_before_is_a_change(
    shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Unknown and true are not the same, but for availability: who is listed is available."""
    put(shop, "hats")
    put(shop, "shoes", record("A", codAvailable=None), record("B", isAvailable=None))
    refresh(shop)
    put(shop, "shoes", record("A", codAvailable=True), record("B", isAvailable=True))
    assert refresh(shop, "shoes", full=True)["shoes"].changed_count == 1
    assert ask("SELECT cod_available FROM products WHERE product_id = 'A'") == [(True,)]
