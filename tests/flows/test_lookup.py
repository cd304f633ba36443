"""Look-ups at the vendor's and in the lake."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

URL = "http://dl.flipkart.com/dl/x/p/itm1?pid={}&affid=me"


def sold(product_id: str, price: float, title: str, brand: str = "Acme") -> dict[str, Any]:
    """Return a record with what a look-up shows."""
    url = URL.format(product_id)
    return record(product_id, price, title=title, productBrand=brand, productUrl=url)


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve three shoes and look-ups of them."""
    with Scripted() as scripted:
        scripted.page(
            None,
            sold("A", 10, "Red running shoe"),
            sold("B", 20, "Blue shoe for running far"),
            sold("C", 30, "Hat", brand="Running"),
        )
        scripted.put_json("/affiliate/1.0/product.json", sold("A", 9, "Red running shoe"))
        found = {
            "products": [sold("B", 20, "Blue shoe for running far"), sold("D", 5, "Shoe tree")]
        }
        scripted.put_json("/affiliate/1.0/search.json", found)
        yield scripted


@pytest.fixture
def account(upstream: Scripted) -> Mapping[str, str]:
    """Return the environment of an operator."""
    return {
        "FK_AFFILIATE_ID": upstream.affiliate_id,
        "FK_AFFILIATE_TOKEN": upstream.token,
        "FEEDLAKE_API_URL": upstream.url,
    }


def test_a_product_asked_for_is_merged(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, ask: Ask
) -> None:
    """Its new price is shown with a link that earns, and is in the lake with its history."""
    refresh(upstream)
    done = command("product", "A", "--json", env=account)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {
            "product_id": "A",
            "title": "Red running shoe",
            "brand": "Acme",
            "mrp": 999.0,
            "selling_price": 9.0,
            "special_price": 9.0,
            "in_stock": True,
            "link": "https://dl.flipkart.com/dl/x/p/itm1?pid=A&affid=me",
        }
    ]
    columns = "selling_price::DOUBLE, feed, category"
    assert ask(f"SELECT {columns} FROM products WHERE product_id = 'A'") == [(9, "lookup", "shoes")]
    history = (
        "SELECT selling_price::DOUBLE FROM price_history "
        "WHERE product_id = 'A' ORDER BY observed_at"
    )
    assert ask(history) == [(10,), (9,)]
    assert ask("SELECT count(*) FROM products WHERE is_available") == [(3,)]


def test_what_a_search_finds_is_merged(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, ask: Ask
) -> None:
    """A product that no feed listed is in the lake without a category."""
    refresh(upstream)
    done = command("search", "shoe", env=account)
    assert done.returncode == 0
    assert "Shoe tree" in done.stdout
    assert "pid=D&affid=me" in done.stdout
    assert ask("SELECT category, feed FROM products WHERE product_id = 'D'") == [(None, "lookup")]


def test_a_search_without_a_lake_only_shows(
    command: Command, account: Mapping[str, str], lake: Any
) -> None:
    """No lake is made by looking; the note says so."""
    done = command("search", "shoe", env=account)
    assert done.returncode == 0
    assert "there is no lake" in done.stderr
    assert not lake.exists()


def test_a_busy_lake_does_not_hold_a_look_up_up(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, lake: Any
) -> None:
    """The answer is shown, and the note says that it was not kept."""
    refresh(upstream)
    with open_for_writing(LakeFolder(lake)):
        done = command("product", "A", env=account)
    assert done.returncode == 0
    assert "9.00" in done.stdout
    assert "not kept in the lake: process" in done.stderr


def test_an_unknown_product(
    command: Command, upstream: Scripted, account: Mapping[str, str]
) -> None:
    """One line that offers the search."""
    upstream.answers["/affiliate/1.0/product.json"] = [404]
    done = command("product", "Z", env=account)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "knows no product 'Z'" in line


def test_the_lake_is_searched_without_the_network(
    command: Command, upstream: Scripted, refresh: Refresh
) -> None:
    """Every word must be there; the title counts before the brand."""
    refresh(upstream)
    asked = len(upstream.asked)

    def found(*words: str) -> list[str]:
        done = command("search", "--local", "--json", *words)
        assert done.returncode == 0
        return [row["product_id"] for row in json.loads(done.stdout)]

    assert found("running") == ["A", "B", "C"]
    assert found("BLUE", "running") == ["B"]
    assert found("hat", "running") == ["C"]
    assert found("nothing") == []
    assert found("100%_'; DROP") == []
    assert len(upstream.asked) == asked
