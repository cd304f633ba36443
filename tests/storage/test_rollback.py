"""Putting a category back: what returns, what stays, and that the mirror goes on from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.server import Sandbox
from storage.checks import check_lake
from storage.errors import (
    CategoryMissingError,
    LakeBusyError,
    LakeMissingError,
    NoSnapshotError,
)
from storage.lake import LakeFolder
from storage.lock import writer_lock
from storage.rollback import Rollback, roll_back
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]

# Of two categories that list a product alike, `category` names the one that happened to be first.
STATE = """
    SELECT * EXCLUDE (category, first_seen_at, changed_at, delisted_at, feed_version)
    FROM products ORDER BY product_id
"""
LISTINGS = """
    SELECT product_id, category, delisted_at IS NULL FROM product_categories ORDER BY ALL
"""


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve two categories."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        scripted.put(scripted.link("feeds", "hats"))
        yield scripted


def current(ask: Ask) -> int:
    """Return the current snapshot."""
    ((number,),) = ask("SELECT id FROM lake.current_snapshot()")
    return int(number)


def put_back(lake: Path, category: str, to: int) -> Rollback:
    """Roll a category back; the lake passes its own checks then."""
    done = roll_back(LakeFolder(lake), category, str(to))
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []
    return done


def test_a_category_is_what_it_was(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Products that were listed, their listings and the version; the others are untouched."""
    refresh(small_sandbox)
    first, versions = current(ask), small_sandbox.versions()
    for _ in range(2):
        small_sandbox.next_day()
        refresh(small_sandbox)
    last = current(ask)
    category = next(one for one, moved in small_sandbox.versions().items() if moved > versions[one])
    done = put_back(lake, category, first)
    assert done.target.number == first
    assert done.snapshot == current(ask) == last + 1

    columns = "* EXCLUDE changed_at"
    mine = f"SELECT {columns} FROM products WHERE is_available AND category = '{category}'"
    assert ask(f"{mine} ORDER BY 1") == ask(f"{mine} ORDER BY 1", at=first)
    others = f"SELECT * FROM products WHERE category <> '{category}' ORDER BY 1"
    assert ask(others) == ask(others, at=last)
    listed = f"""
        SELECT * FROM product_categories
        WHERE category = '{category}' AND delisted_at IS NULL ORDER BY 1
    """
    assert ask(listed) == ask(listed, at=first)
    status = "SELECT category, version, product_count FROM category_status ORDER BY 1"
    expected = {row[0]: row for row in ask(status, at=last)}
    expected[category] = next(row for row in ask(status, at=first) if row[0] == category)
    assert {row[0]: row for row in ask(status)} == expected
    assert ask(f"SELECT last_mode FROM category_status WHERE category = '{category}'") == [
        ("rollback",)
    ]


@pytest.mark.parametrize("categories", [1, 3])
def test_after_the_next_refresh_nothing_shows(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask, lake: Path, categories: int
) -> None:
    """Rolled back, one category or all, and refreshed: as a lake that never was."""
    other = lake.with_name("never rolled back")
    snapshots = []
    for day in range(3):
        for into in (lake, other):
            refresh(small_sandbox, into=into)
        snapshots.append(current(ask))
        if day == 1:
            for name in list(small_sandbox.versions())[:categories]:
                put_back(lake, name, snapshots[0])
        small_sandbox.next_day()
    modes = {row[0] for row in ask("SELECT last_mode FROM category_status")}
    assert modes <= {"delta", "skip"}
    for query in (STATE, LISTINGS, "SELECT category, version FROM category_status"):
        assert ask(query) == ask(query, of=other)
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []


def test_a_rollback_is_undone_by_another(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Back and forth; and to where it is already, which writes nothing."""
    refresh(small_sandbox)
    first, versions = current(ask), small_sandbox.versions()
    small_sandbox.next_day(2)
    refresh(small_sandbox)
    last = current(ask)
    category = next(one for one, moved in small_sandbox.versions().items() if moved > versions[one])
    back = put_back(lake, category, first)
    forth = put_back(lake, category, last)
    assert (forth.from_version, forth.to_version) == (back.to_version, back.from_version)
    whole = "SELECT * EXCLUDE (changed_at) FROM products ORDER BY 1"
    assert ask(whole) == ask(whole, at=last)
    assert ask(LISTINGS) == ask(LISTINGS, at=last)
    again = put_back(lake, category, last)
    assert (again.refresh_id, again.changed_count, again.listing_count) == (None, 0, 0)
    assert current(ask) == forth.snapshot


def test_history_keeps_what_was_seen_and_says_what_holds(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """A row for each product whose price, stock or availability changes by it, and no other."""
    shop.page(None, record("A", 10), record("B", 20), record("C", 30), record("D", 40))
    refresh(shop)
    first = current(ask)
    shop.version(2)
    shop.delta(
        1,
        record("A", 11),
        record("B", 20, title="New name"),
        record("C", 30, isAvailable=False),
        record("E", 50),
    )
    refresh(shop)
    seen = ask("SELECT * FROM price_history ORDER BY ALL")
    done = put_back(lake, "shoes", first)
    assert (done.changed_count, done.delisted_count, done.listing_count) == (3, 1, 2)
    assert (done.from_version, done.to_version) == (2, 1)
    since = f"SELECT * FROM price_history WHERE refresh_id = '{done.refresh_id}'"
    rows = ask(f"SELECT product_id, selling_price::INTEGER, is_available, feed FROM ({since})")
    assert sorted(rows) == [
        ("A", 10, True, "rollback"),
        ("C", 30, True, "rollback"),
        ("E", 50, False, "rollback"),
    ]
    kept = f"SELECT * FROM price_history EXCEPT ({since}) ORDER BY ALL"
    assert ask(kept) == seen
    assert ask("SELECT title FROM products WHERE product_id = 'B'") == [("Product B",)]
    columns = "feed, mode, status, from_version, to_version, changed_count, delisted_count"
    row = ask(f"SELECT {columns} FROM refreshes WHERE refresh_id = '{done.refresh_id}'")
    assert row == [("product", "rollback", "done", 2, 1, 3, 1)]


def test_shared_products_keep_what_another_category_said_since(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """This category's last word is taken back, another's is not; who lists it stays available."""
    both = ("last_said_by_shoes", "last_said_by_hats", "left_shoes", "new_in_shoes", "left_both")
    shop.put(shop.link("feeds", "hats"), *(record(one, 10) for one in both))
    shop.page(None, *(record(one, 10) for one in both if one != "new_in_shoes"))
    refresh(shop)
    first = current(ask)
    shop.version(2)
    shop.delta(
        1,
        record("last_said_by_shoes", 11),
        record("last_said_by_hats", 11),
        record("left_shoes", isAvailable=False),
        record("left_both", isAvailable=False),
        record("new_in_shoes", 10),
    )
    refresh(shop, "shoes")
    shop.version(2, "hats")
    shop.put(
        shop.link("deltaFeeds", "hats", "fromVersion/1"),
        record("last_said_by_hats", 12),
        record("left_both", isAvailable=False),
    )
    refresh(shop, "hats")
    put_back(lake, "shoes", first)
    rows = ask("SELECT product_id, selling_price::INTEGER, is_available FROM products")
    assert sorted(rows) == [
        ("last_said_by_hats", 12, True),
        ("last_said_by_shoes", 10, True),
        ("left_both", 10, True),
        ("left_shoes", 10, True),
        ("new_in_shoes", 10, True),
    ]
    listed = "SELECT product_id FROM product_categories WHERE delisted_at IS NULL AND category = "
    assert sorted(ask(f"{listed} 'shoes'")) == sorted(
        (one,) for one in both if one != "new_in_shoes"
    )
    assert sorted(ask(f"{listed} 'hats'")) == sorted((one,) for one in both if one != "left_both")

    refresh(shop)
    rows = ask("SELECT product_id, selling_price::INTEGER FROM products WHERE is_available")
    assert sorted(rows) == [
        ("last_said_by_hats", 11),
        ("last_said_by_shoes", 11),
        ("left_shoes", 10),
        ("new_in_shoes", 10),
    ]


def test_a_delta_goes_on_from_the_version_put_back(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Pages staged since for another start are not used."""
    shop.page(None, record("A", 10))
    refresh(shop)
    first = current(ask)
    shop.version(2)
    shop.delta(1, record("A", 11))
    refresh(shop)
    shop.version(3)
    shop.delta(2, record("A", 12))
    link = shop.link("deltaFeeds", "shoes", "fromVersion/2")
    shop.put(link, record("A", 12), link=shop.link("deltaFeeds", "shoes", "lost"))
    shop.answers["/affiliate/1.0/deltaFeeds/me/category/shoes/lost.json"] = [500]
    assert refresh(shop)["shoes"].status == "failed"
    put_back(lake, "shoes", first)
    shop.delta(1, record("A", 12))
    row = refresh(shop)["shoes"]
    assert (row.mode, row.from_version, row.to_version) == ("delta", 1, 3)
    assert ask("SELECT selling_price::INTEGER FROM products") == [(12,)]


def test_what_cannot_be_put_back_changes_nothing(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path, tmp_path: Path
) -> None:
    """Unknown snapshots and categories, a category not mirrored yet, a busy lake, no lake."""
    shop.page(None, record("A"))
    refresh(shop, "shoes")
    folder, first = LakeFolder(lake), current(ask)
    shop.put(shop.link("feeds", "hats"), record("H"))
    refresh(shop, "hats")
    last = current(ask)
    with pytest.raises(NoSnapshotError):
        roll_back(folder, "shoes", "99")
    with pytest.raises(CategoryMissingError, match="did you mean shoes"):
        roll_back(folder, "shos", str(first))
    with pytest.raises(CategoryMissingError, match="'hats' was not mirrored at snapshot"):
        roll_back(folder, "hats", str(first))
    with writer_lock(lake), pytest.raises(LakeBusyError):
        roll_back(folder, "shoes", str(first))
    with pytest.raises(LakeMissingError):
        roll_back(LakeFolder(tmp_path / "none"), "shoes", str(first))
    assert current(ask) == last


@pytest.mark.command
def test_the_command_says_what_was_put_back(
    shop: Scripted, refresh: Refresh, ask: Ask, command: Command
) -> None:
    """By number and by time; how to go on and how to undo it is part of the answer."""
    shop.page(None, record("A", 10))
    refresh(shop)
    first = current(ask)
    ((moment,),) = ask(f"SELECT snapshot_time FROM lake.snapshots() WHERE snapshot_id = {first}")
    shop.version(2)
    shop.delta(1, record("A", 11))
    refresh(shop)
    last = current(ask)
    done = command("rollback", "shoes", "--to", str(moment))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"shoes is back to snapshot {first}" in done.stdout
    assert "version 2 to 1, 1 products put back" in done.stdout
    assert f"`feedlake rollback shoes --to {last}` undoes it" in done.stdout
    done = command("rollback", "shoes", "--to", str(last), "--json")
    report = json.loads(done.stdout)
    assert (report["to_version"], report["changed_count"]) == (2, 1)
    assert ask("SELECT selling_price::INTEGER FROM products") == [(11,)]
    done = command("rollback", "boots", "--to", str(first))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("feedlake: the lake has no category 'boots'")
    assert command("rollback", "shoes").returncode == 2
