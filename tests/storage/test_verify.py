"""What verify finds: nothing in a lake that is whole, and every kind of damage."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from storage.checks import Outcome, check_lake
from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve `shoes` in two pages, with a bad record, and `hats` that shares a product with it."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("P00", 100), record("H", 5))
        scripted.page(None, *(record(f"P{number:02}") for number in range(30)), to="c1")
        scripted.page("c1", record("Z"), record("bad", inStock="perhaps"))
        yield scripted


@pytest.fixture
def whole_lake(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> Path:
    """Mirror the shop, and a day of it."""
    if not original.exists():
        refresh(shop, into=original)
        shop.version(2)
        shop.delta(1, record("P01", 90), record("P02", isAvailable=False), record("N"))
        refresh(shop, into=original)
    shutil.copytree(original, lake)
    return lake


def failed(lake: Path) -> dict[str, Outcome]:
    """Return the checks that fail, by name."""
    return {one.name: one for one in check_lake(LakeFolder(lake)) if not one.holds}


def test_a_whole_lake_passes(whole_lake: Path) -> None:
    """Every check holds, and each says what it looked at."""
    outcomes = list(check_lake(LakeFolder(whole_lake)))
    assert [one.name for one in outcomes if not one.holds] == []
    assert len({one.says for one in outcomes}) == len(outcomes) >= 10
    assert all(one.says.endswith(".") for one in outcomes)


def test_days_of_a_sandbox_pass(small_sandbox: Sandbox, refresh: Refresh, lake: Path) -> None:
    """Changes, departures, returns, shared products: every feed of some days is in order."""
    for _ in range(3):
        refresh(small_sandbox, feeds=tuple(Feed))
        small_sandbox.next_day()
    assert failed(lake) == {}


def test_ways_that_carry_less_are_in_order(refresh: Refresh, lake: Path) -> None:
    """History keeps what a way does not say, as the row does: v0.1.0 has no special price."""
    with Sandbox(products=300, categories=1, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox)
        sandbox.next_day()
        (row,) = refresh(sandbox, api_version="v0.1.0").values()
    assert row.changed_count > 0
    assert failed(lake) == {}


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("INSERT INTO products FROM products WHERE product_id = 'Z'", "products_have_one_row"),
        (
            "INSERT INTO product_categories FROM product_categories WHERE category = 'hats'",
            "listings_have_one_row",
        ),
        ("DELETE FROM products WHERE product_id = 'H'", "listings_have_one_row"),
        ("UPDATE products SET selling_price = 1 WHERE product_id = 'Z'", "history_ends_today"),
        ("UPDATE products SET in_stock = NULL WHERE product_id = 'Z'", "history_ends_today"),
        ("DELETE FROM price_history WHERE product_id = 'Z'", "history_ends_today"),
        ("DELETE FROM refreshes WHERE mode = 'delta'", "history_names_its_refresh"),
        ("UPDATE products SET is_available = true", "availability_follows_listings"),
        (
            "UPDATE product_categories SET delisted_at = NULL WHERE product_id = 'P02'",
            "availability_follows_listings",
        ),
        (
            "UPDATE products SET delisted_at = changed_at WHERE product_id = 'Z'",
            "availability_follows_listings",
        ),
        *(
            (f"UPDATE {table} SET {column} = now() + INTERVAL 1 HOUR", "times_are_past")
            for table, column in (
                ("products", "first_seen_at"),
                ("products", "changed_at"),
                ("products", "delisted_at"),
                ("price_history", "observed_at"),
                ("product_categories", "delisted_at"),
                ("refreshes", "finished_at"),
                ("rejected_records", "rejected_at"),
            )
        ),
        ("DELETE FROM walk_pages WHERE cursor = 'c1'", "pages_lead_on"),
        ("UPDATE walk_pages SET next_cursor = 'c9' WHERE cursor = 'c1'", "pages_lead_on"),
        ("UPDATE walk_pages SET record_count = 1 WHERE cursor = 'c1'", "walks_have_their_pages"),
        ("DELETE FROM walk_pages WHERE next_cursor IS NULL", "walks_have_their_pages"),
        ("UPDATE category_versions SET version = 7", "versions_name_their_refresh"),
        ("DELETE FROM category_versions WHERE version = 2", "versions_name_their_refresh"),
        ("DELETE FROM rejected_records", "rejects_have_their_refresh"),
        ("UPDATE rejected_records SET refresh_id = 'x'", "rejects_have_their_refresh"),
    ],
)
def test_damage_to_a_table_is_found(whole_lake: Path, damage: str, check: str) -> None:
    """Each check finds its own, counts it and shows rows of it."""
    with open_for_writing(LakeFolder(whole_lake)) as connection:
        connection.execute(damage)
    found = failed(whole_lake)
    assert check in found
    assert found[check].failing_count >= len(found[check].rows) > 0


def a_data_file(lake: Path) -> Path:
    """Return the largest file of the products."""
    return max((lake / "data/main/products").iterdir(), key=lambda one: one.stat().st_size)


def test_a_missing_file_is_found(whole_lake: Path) -> None:
    """Checks that cannot read it fail too, and the others go on."""
    file = a_data_file(whole_lake)
    file.unlink()
    found = failed(whole_lake)
    (row,) = found["files_are_readable"].rows
    assert row["file"].endswith(file.name)
    assert "No such file" in row["problem"]
    assert "history_ends_today" in found
    assert "pages_lead_on" not in found


def test_a_cut_and_a_damaged_file_are_found(whole_lake: Path) -> None:
    """By its size, and by reading it to its end."""
    file = a_data_file(whole_lake)
    body = file.read_bytes()
    file.write_bytes(body[:-10])
    assert "bytes instead of" in failed(whole_lake)["files_are_readable"].rows[0]["problem"]
    file.write_bytes(body[:4] + bytes(len(body) - 500) + body[-496:])
    assert failed(whole_lake)["files_are_readable"].failing_count == 1


def test_an_older_observation_that_is_merged_later(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """History is in the order in which the mirror learned, whichever walk took longer."""
    rest = shop.link("feeds", "hats", "rest")
    shop.put(shop.link("feeds", "hats"), record("P00", 7), link=rest)
    shop.put(rest)
    delay(shop, "hats/rest", 0.8)
    delay(shop, "shoes", 0.2)
    refresh(shop)
    first, second = ask(
        "SELECT category FROM walk_pages JOIN refreshes USING (refresh_id) "
        "WHERE page_number = 1 ORDER BY fetched_at"
    )
    assert (first, second) == (("hats",), ("shoes",))
    states = "SELECT selling_price::DOUBLE FROM price_history WHERE product_id = 'P00'"
    assert ask(f"{states} ORDER BY observed_at") == [(100,), (7,)]
    assert ask("SELECT selling_price::DOUBLE FROM products WHERE product_id = 'P00'") == [(7,)]
    assert failed(lake) == {}


def delay(shop: Scripted, place: str, seconds: float) -> None:
    """Let a page of the feeds take its time."""
    path = f"/affiliate/1.0/feeds/me/category/{place}.json"
    (body,) = shop.answers[path]
    assert isinstance(body, bytes)

    def answer() -> bytes:
        time.sleep(seconds)
        return body

    shop.answers[path] = [answer]


@pytest.mark.command
def test_the_command_says_what_failed(whole_lake: Path, command: Command) -> None:
    """Status 0 for a whole lake; 1, the check and its rows for another."""
    done = command("verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "files_are_readable" in done.stdout
    with open_for_writing(LakeFolder(whole_lake)) as connection:
        connection.execute("UPDATE products SET mrp = 1 WHERE product_id = 'Z'")
    done = command("verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 failed" in done.stdout
    done = command("verify", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert report["status"] == "failed"
    (check,) = (one for one in report["checks"] if one["status"] == "failed")
    assert (check["name"], check["failing_count"]) == ("history_ends_today", 1)
    assert check["rows"][0]["product_id"] == "Z"
