"""What an earlier release stored wrongly is found, and repaired without the vendor."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.alerts.event import Event
from flows.alerts.rule_file import RuleFile
from flows.alerts.rules import DelistedRule, DropRule
from flows.alerts.run import run_alerts
from storage.checks import check_lake
from storage.lake import LakeFolder, open_for_writing
from storage.mending import REPAIRABLE, Mending, mend_lake
from storage.snapshots import newest_snapshot
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]

HISTORY = (
    "SELECT selling_price::INT, is_available FROM price_history WHERE product_id = '{}' "
    "ORDER BY observed_at"
)
STANDING = (
    "SELECT product_id, selling_price::INT, is_available, delisted_at IS NULL "
    "FROM products ORDER BY product_id"
)
LISTED = (
    "SELECT product_id, category FROM product_categories WHERE delisted_at IS NULL "
    "ORDER BY product_id, category"
)
GHOST = "chr(10) || '    A' || chr(160) || ' '"


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve `shoes` with four products, and `hats` that shares one."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("B"), record("H"))
        url = "https://www.flipkart.com/thing/p/itm1?pid=D"
        scripted.page(
            None, record("A"), record("B"), record("C"), record("D", productUrl=url), record("E")
        )
        yield scripted


@pytest.fixture
def mirror(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> LakeFolder:
    """Mirror the shop and a walk of everything with another price of A."""
    if not original.exists():
        refresh(shop, into=original)
        shop.page(None, *(record(one, 90.0 if one == "A" else 100.0) for one in "ABCDE"))
        shop.version(2)
        refresh(shop, into=original, full=True)
    shutil.copytree(original, lake)
    return LakeFolder(lake)


def spoil(folder: LakeFolder, *statements: str) -> None:
    """Store something wrongly; `last` is the refresh that brought the last version of `shoes`."""
    with open_for_writing(folder) as connection:
        connection.execute(
            "SET VARIABLE last = (SELECT max(refresh_id) FROM refreshes WHERE category = 'shoes')"
        )
        for text in statements:
            connection.execute(text)


def failing(folder: LakeFolder) -> set[str]:
    """Return the names of the checks that fail."""
    return {one.name for one in check_lake(folder) if not one.holds}


def add_ghost(folder: LakeFolder) -> None:
    """Store A again under an id with a line end around it, as a full walk of printed XML did."""
    spoil(
        folder,
        f"INSERT INTO products SELECT * REPLACE ({GHOST} AS product_id, 80 AS selling_price, "
        "chr(10) || ' INR ' AS currency, NULL AS special_price, NULL AS specifications, "
        "now() AS changed_at) FROM products WHERE product_id = 'A'",
        f"INSERT INTO price_history SELECT * REPLACE ({GHOST} AS product_id, 80 AS selling_price, "
        "chr(10) || ' INR ' AS currency, NULL AS special_price, "
        "getvariable('last') AS refresh_id, now() AS observed_at) "
        "FROM price_history WHERE product_id = 'A' AND selling_price = 90",
        f"INSERT INTO product_categories VALUES ({GHOST}, 'shoes', now(), NULL)",
        "INSERT INTO price_history SELECT * REPLACE (false AS is_available, now() AS observed_at, "
        "getvariable('last') AS refresh_id) FROM price_history "
        "WHERE product_id = 'A' AND selling_price = 90",
        "UPDATE products SET is_available = false, delisted_at = now() WHERE product_id = 'A'",
        "UPDATE product_categories SET delisted_at = now() WHERE product_id = 'A'",
    )


def test_a_ghost_is_merged_into_its_product(mirror: LakeFolder, ask: Ask) -> None:
    """One row, listed, with the history of both; the walk that met the ghost delisted nothing."""
    first_seen = ask("SELECT first_seen_at FROM products WHERE product_id = 'A'")
    add_ghost(mirror)
    assert failing(mirror) == {"ids_are_clean", "currencies_are_clean"}
    done = mend_lake(mirror)
    assert (done.merged_count, done.removed_count) == (1, 0)
    assert failing(mirror) == set()
    assert ask(STANDING)[0] == ("A", 80, True, True)
    assert [row[0] for row in ask(STANDING)] == ["A", "B", "C", "D", "E", "H"]
    assert ask("SELECT first_seen_at FROM products WHERE product_id = 'A'") == first_seen
    assert ask(HISTORY.format("A")) == [(100, True), (90, True), (80, True)]
    assert ("A", "shoes") in ask(LISTED)
    assert ask("SELECT DISTINCT currency FROM price_history") == [("INR",)]


def test_a_ghost_that_left_again(mirror: LakeFolder, ask: Ask) -> None:
    """A later walk met the real id again: the ghost's departure is none of the product's."""
    add_ghost(mirror)
    spoil(
        mirror,
        "INSERT INTO refreshes SELECT * REPLACE ('later' AS refresh_id, 'skip' AS mode, "
        "now() AS finished_at, to_version AS from_version) FROM refreshes "
        "WHERE refresh_id = getvariable('last')",
        "INSERT INTO price_history SELECT * REPLACE (now() AS observed_at, 70 AS selling_price, "
        "'later' AS refresh_id) FROM price_history WHERE product_id = 'A' AND selling_price = 100",
        "INSERT INTO price_history SELECT * REPLACE (now() AS observed_at, false AS is_available, "
        f"'later' AS refresh_id) FROM price_history WHERE product_id = {GHOST}",
        "UPDATE products SET is_available = true, delisted_at = NULL, selling_price = 70, "
        "changed_at = now() WHERE product_id = 'A'",
        "UPDATE product_categories SET delisted_at = NULL WHERE product_id = 'A'",
        f"UPDATE products SET is_available = false, delisted_at = now() WHERE product_id = {GHOST}",
        f"UPDATE product_categories SET delisted_at = now() WHERE product_id = {GHOST}",
    )
    mend_lake(mirror)
    assert failing(mirror) == set()
    assert ask(STANDING)[0] == ("A", 70, True, True)
    assert ask(HISTORY.format("A")) == [(100, True), (90, True), (80, True), (70, True)]


def test_a_product_that_only_has_a_wrong_id(mirror: LakeFolder, ask: Ask) -> None:
    """It gets the right one, in lists too; what is no id is removed."""
    for table in ("products", "price_history", "product_categories"):
        spoil(
            mirror,
            f"UPDATE {table} SET product_id = ' C' || chr(8203) WHERE product_id = 'C'",
            f"UPDATE {table} SET product_id = ' ' WHERE product_id = 'E'",
        )
    spoil(mirror, "INSERT INTO top_products VALUES ('shoes', now(), 1, ' C', getvariable('last'))")
    done = mend_lake(mirror)
    assert (done.merged_count, done.removed_count) == (0, 1)
    assert failing(mirror) == set()
    assert [row[0] for row in ask(STANDING)] == ["A", "B", "C", "D", "H"]
    assert ask(HISTORY.format("C")) == [(100, True)]
    assert ask("SELECT product_id FROM top_products") == [("C",)]


@pytest.mark.parametrize(
    "stored",
    [
        "https://www.flipkart.com/thing/p/itm1?pid=D&amp;affid=other",
        "https://www.flipkart.com/thing/p/itm1?pid=D%26affid%3Dother",
        "https://www.flipkart.com/thing/p/itm1?AFFID=other&pid=D&affExtParam1=x",
        " https://www.flipkart.com/thing/p/itm1?pid=D&%61ffid=other\n",
    ],
)
def test_links_of_others_are_cleaned(mirror: LakeFolder, ask: Ask, stored: str) -> None:
    """In whatever spelling somebody's id stands in them."""
    with open_for_writing(mirror) as connection:
        connection.execute("UPDATE products SET product_url = ? WHERE product_id = 'D'", [stored])
    assert failing(mirror) == {"links_are_nobodys"}
    mend_lake(mirror)
    assert failing(mirror) == set()
    assert ask("SELECT product_url FROM products WHERE product_id = 'D'") == [
        ("https://www.flipkart.com/thing/p/itm1?pid=D",)
    ]


def test_times_in_the_future(mirror: LakeFolder, ask: Ask) -> None:
    """A row is of the time when its refresh ended; what came after it stays after it."""
    spoil(
        mirror,
        "INSERT INTO refreshes SELECT * REPLACE ('dump' AS refresh_id, 'dump' AS feed, "
        "'dump' AS mode, NULL AS from_version, NULL AS to_version, now() AS finished_at, "
        "1 AS page_count, 0 AS seen_count, 0 AS rejected_count) FROM refreshes "
        "WHERE refresh_id = getvariable('last')",
        "INSERT INTO walk_pages SELECT * REPLACE ('dump' AS refresh_id, 0 AS record_count, "
        "TIMESTAMPTZ '2099-01-01' AS fetched_at, 0 AS rejected_count, 1 AS page_number) "
        "FROM walk_pages LIMIT 1",
        "INSERT INTO price_history SELECT * REPLACE (TIMESTAMPTZ '2099-01-01' AS observed_at, "
        "899 AS selling_price, 'dump' AS feed, 'dump' AS refresh_id) FROM price_history "
        "WHERE product_id = 'B'",
        "UPDATE products SET selling_price = 899, changed_at = TIMESTAMPTZ '2099-01-01' "
        "WHERE product_id = 'B'",
        "UPDATE products SET delisted_at = TIMESTAMPTZ '2099-01-01', is_available = false, "
        "first_seen_at = TIMESTAMPTZ '2099-01-01' WHERE product_id = 'E'",
        "INSERT INTO price_history SELECT * REPLACE (TIMESTAMPTZ '2099-01-02' AS observed_at, "
        "false AS is_available) FROM price_history WHERE product_id = 'E'",
        "UPDATE product_categories SET delisted_at = TIMESTAMPTZ '2099-01-01' "
        "WHERE product_id = 'E'",
        "INSERT INTO refreshes SELECT * REPLACE ('wrong clock' AS refresh_id, 'skip' AS mode, "
        "TIMESTAMPTZ '2098-01-01' AS started_at, TIMESTAMPTZ '2098-01-02' AS finished_at) "
        "FROM refreshes WHERE refresh_id = getvariable('last')",
        "INSERT INTO top_products VALUES "
        "('shoes', TIMESTAMPTZ '2099-01-01', 1, 'B', getvariable('last'))",
        "UPDATE category_versions SET mirrored_at = TIMESTAMPTZ '2099-01-01' + "
        "to_days(version::INT) WHERE category = 'shoes'",
    )
    assert failing(mirror) == {"times_are_past"}
    versions = ask("SELECT version FROM category_versions ORDER BY mirrored_at")
    done = mend_lake(mirror)
    assert done.dump_categories == ["shoes"]
    assert failing(mirror) == set()
    assert ask(HISTORY.format("B")) == [(100, True), (899, True)]
    assert ask(HISTORY.format("E")) == [(100, True), (100, False)]
    assert [row for row in ask(STANDING) if row[0] in "BE"] == [
        ("B", 899, True, True),
        ("E", 100, False, False),
    ]
    assert ask("SELECT version FROM category_versions ORDER BY mirrored_at") == versions
    assert ask(
        "SELECT observed_at = finished_at FROM price_history JOIN refreshes USING (refresh_id) "
        "WHERE refresh_id = 'dump'"
    ) == [(True,)]


@pytest.mark.parametrize(
    ("product_id", "damage", "expected"),
    [
        # A full walk, and a look-up, said that it has gone, and it stayed listed.
        ("C", "is_available = false", (False, False, [])),
        ("B", "is_available = false, feed = 'lookup', category = NULL", (False, False, [])),
        # One category said so, and another lists it.
        ("B", "is_available = false, category = 'hats'", (True, True, ["shoes"])),
        # It came back, and stayed delisted.
        ("C", "delisted_at = now()", (True, True, ["shoes"])),
    ],
)
def test_availability_and_listings_agree(
    mirror: LakeFolder,
    ask: Ask,
    product_id: str,
    damage: str,
    expected: tuple[bool, bool, list[str]],
) -> None:
    """The last record of a product is believed, of the category that it came from."""
    spoil(mirror, f"UPDATE products SET {damage} WHERE product_id = '{product_id}'")
    if "is_available" in damage:
        spoil(
            mirror,
            "INSERT INTO price_history SELECT * REPLACE (now() AS observed_at, "
            f"false AS is_available) FROM price_history WHERE product_id = '{product_id}'",
        )
    assert failing(mirror) == {"availability_follows_listings"}
    mend_lake(mirror)
    assert failing(mirror) == set()
    (row,) = (row for row in ask(STANDING) if row[0] == product_id)
    assert (*row[2:], [row[1] for row in ask(LISTED) if row[0] == product_id]) == expected


def test_a_product_that_no_category_lists_is_not_available(mirror: LakeFolder, ask: Ask) -> None:
    """Its history says so from the repair on."""
    spoil(mirror, "UPDATE product_categories SET delisted_at = now() WHERE product_id = 'C'")
    assert failing(mirror) == {"availability_follows_listings"}
    mend_lake(mirror)
    assert failing(mirror) == set()
    assert ask(STANDING)[2] == ("C", 100, False, False)
    assert ask(HISTORY.format("C")) == [(100, True), (100, False)]


def test_alert_rules_tell_nothing_of_a_repair(mirror: LakeFolder) -> None:
    """What is written anew was observed before."""
    file = RuleFile((DropRule(name="any", percent=1), DelistedRule(name="gone")))
    told: list[Event] = []

    async def show(events: Sequence[Event]) -> None:
        told.extend(events)

    asyncio.run(run_alerts(mirror, file, show))
    add_ghost(mirror)
    asyncio.run(run_alerts(mirror, file, show))
    told.clear()
    mend_lake(mirror)
    asyncio.run(run_alerts(mirror, file, show))
    assert told == []


def test_a_repair_is_a_snapshot_and_does_nothing_twice(
    mirror: LakeFolder, ask: Ask, refresh: Refresh, shop: Scripted
) -> None:
    """The state before it can be asked for, and a refresh goes on from it."""
    assert mend_lake(mirror) == Mending([], snapshot(mirror))
    add_ghost(mirror)
    spoil(mirror, "UPDATE products SET is_available = false WHERE product_id = 'C'")
    before, wrong = snapshot(mirror), ask(STANDING)
    done = mend_lake(mirror)
    assert {one.name for one in done.found} <= set(REPAIRABLE)
    assert done.snapshot == before + 1
    assert ask(STANDING, before) == wrong
    assert mend_lake(mirror) == Mending([], done.snapshot)
    assert ask("SELECT mode FROM refreshes WHERE feed = 'repair'") == [("repair",)]
    shop.version(3)
    shop.delta(2, record("A", 60.0))
    rows = refresh(shop)
    assert rows["shoes"].mode == "delta"
    assert ask(HISTORY.format("A"))[-1] == (60, True)
    assert failing(mirror) == set()


def snapshot(folder: LakeFolder) -> int:
    """Return the number of the newest snapshot."""
    with open_for_writing(folder) as connection:
        return newest_snapshot(connection).number


@pytest.mark.command
def test_the_command_repairs_and_checks(mirror: LakeFolder, command: Command) -> None:
    """It ends with 1 before the repair, and with 0 from then on."""
    add_ghost(mirror)
    assert command("verify").returncode == 1
    done = command("verify", "--repair")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ids_are_clean (1)" in done.stdout
    assert "1 products had two rows" in done.stdout
    again = json.loads(command("verify", "--repair", "--json").stdout)
    assert again["repaired"]["failing_counts"] == {}
    assert again["status"] == "ok"
