"""Records in quarantine: seen, and taken again once they can be read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.product.rejected import RAW_LIMIT
from flows.feed import Feed
from flows.quarantine import replay_quarantine
from storage.checks import check_lake
from storage.lake import LakeFolder, open_for_writing
from storage.quarantine import Wanted, read_groups, read_records
from storage.removal import remove_category
from storage.replay import Replay
from storage.rollback import roll_back
from storage.statements import statement
from tests.feeds.dumps import fields, line, product_id, zipped
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]
Mend = Callable[..., None]
Again = Callable[..., Replay]

BAD: dict[str, Any] = {"inStock": "perhaps"}
COSTLY: dict[str, Any] = {"flipkartSellingPrice": {"amount": "a lot", "currency": "INR"}}
PRICES = "SELECT product_id, selling_price::DOUBLE FROM products WHERE is_available ORDER BY 1"
LEFT = "SELECT count(*) FROM rejected_records"


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve the category `shoes`."""
    with Scripted() as scripted:
        yield scripted


@pytest.fixture
def shops() -> Iterator[Scripted]:
    """Serve `hats` beside it."""
    with Scripted(categories=("hats", "shoes"), tops=True) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("H"))
        yield scripted


@pytest.fixture
def lake(made_lake: Path, lake: Path) -> Path:
    """Return a lake without data."""
    shutil.copytree(made_lake, lake)
    return lake


@pytest.fixture
def mend(lake: Path) -> Mend:
    """Return what makes rejected bytes readable: as good as a decoder that has learned to."""

    def run(bad: str = '"perhaps"', good: str = "true") -> None:
        with open_for_writing(LakeFolder(lake)) as connection:
            connection.execute(
                "UPDATE rejected_records SET raw = encode(replace(decode(raw), ?, ?))", [bad, good]
            )
            connection.execute("UPDATE rejected_records SET raw_byte_count = octet_length(raw)")

    return run


@pytest.fixture
def again(lake: Path) -> Again:
    """Return what replays."""

    def run(**wanted: Any) -> Replay:
        return replay_quarantine(LakeFolder(lake), Wanted(**wanted))

    return run


def broken_checks(lake: Path) -> set[str]:
    """Return the checks of `verify` that fail."""
    return {one.name for one in check_lake(LakeFolder(lake)) if not one.holds}


def delta(shop: Scripted, version: int, *records: Any) -> None:
    """Let the category `shoes` move to a version, by these records."""
    shop.version(version)
    shop.delta(version - 1, *records)


def test_a_removed_category_takes_nothing_again(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """A replay would list its products again, in a category that no refresh keeps."""
    shop.page(None, record("A", 10), record("N", 5, **BAD))
    refresh(shop)
    mend()
    assert remove_category(LakeFolder(lake), "shoes").delisted_count == 1
    done = again()
    assert (done.taken_count, done.overtaken_count) == (0, 1)
    assert ask(PRICES) == []
    assert broken_checks(lake) == set()


def test_what_can_be_read_by_now_is_merged_as_late_as_it_is(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """At its own time, with history and listing; it leaves, and no version moves."""
    shop.page(None, record("A", 10), record("N", 5, **BAD), record("bad", **BAD))
    refresh(shop)
    unnamed = record("?", 7, productId=["I"])
    delta(shop, 2, record("A", 12, **BAD), record("gone", isAvailable="perhaps"), unnamed)
    refresh(shop)
    versions = ask("SELECT * FROM category_versions ORDER BY ALL")
    (yesterday,) = ask("SELECT id FROM lake.current_snapshot()")
    seen_at: dict[str | None, Any] = dict(
        ask("SELECT product_id, rejected_at FROM rejected_records")
    )
    mend('"inStock": "perhaps"', '"inStock": true')
    mend('["I"]', '"I"')
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute("UPDATE rejected_records SET raw = '{}' WHERE product_id = 'bad'")
        connection.execute("UPDATE rejected_records SET raw_byte_count = octet_length(raw)")

    done = again()
    assert (done.taken_count, done.new_count, done.changed_count) == (3, 2, 1)
    assert (done.unread_count, done.overtaken_count, done.capped_count) == (2, 0, 0)
    assert ask(PRICES) == [("A", 12), ("I", 7), ("N", 5)]
    changed_at: dict[str | None, Any] = dict(ask("SELECT product_id, changed_at FROM products"))
    assert changed_at == {"A": seen_at["A"], "I": seen_at[None], "N": seen_at["N"]}
    history = "SELECT selling_price::DOUBLE, observed_at FROM price_history WHERE product_id = 'A'"
    assert ask(f"{history} ORDER BY observed_at")[1:] == [(12, seen_at["A"])]
    member = "SELECT first_seen_at FROM product_categories WHERE product_id = 'N'"
    assert ask(member) == [(seen_at["N"],)]
    left = "SELECT product_id FROM rejected_records ORDER BY 1"
    assert ask(left) == [("bad",), ("gone",)]
    assert len(ask(left, at=yesterday[0])) == 5
    assert ask("SELECT * FROM category_versions ORDER BY ALL") == versions
    rows = "SELECT category, feed, mode, status, seen_count, to_version FROM refreshes"
    assert ask(f"{rows} WHERE mode = 'replay'") == [("shoes", "product", "replay", "done", 3, None)]
    assert ask("SELECT product_id, outcome FROM settled_records ORDER BY 1") == [
        ("A", "taken"),
        ("I", "taken"),
        ("N", "taken"),
    ]
    assert ask("SELECT last_mode FROM category_status WHERE category = 'shoes'") == [("delta",)]
    before = ask("SELECT max(id) FROM lake.current_snapshot()")
    assert again().taken_count == 0
    assert ask("SELECT max(id) FROM lake.current_snapshot()") == before
    assert refresh(shop)["shoes"].mode == "skip"
    assert broken_checks(lake) == set()


def test_a_later_sighting_stands(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again
) -> None:
    """Whether it changed the product, found it as it was, or said of one never known that it left.

    Of a record that showed no id nobody noted whether it was seen since.
    """
    known = (record("A", 10), record("B", 20), record("C", 30))
    shop.page(None, *known, record("N", **BAD), record("?", 5, productId=["I"]))
    refresh(shop)
    delta(shop, 2, *(record(name, 99, **BAD) for name in "ABC"))
    refresh(shop)
    delta(shop, 3, record("A", 10), record("B", 21), record("N", isAvailable=False))
    refresh(shop)
    mend()
    mend('["I"]', '"I"')
    done = again()
    assert (done.taken_count, done.overtaken_count) == (1, 4)
    assert ask(PRICES) == [("A", 10), ("B", 21), ("C", 99)]
    left = ask("SELECT product_id FROM rejected_records ORDER BY 1 NULLS LAST")
    assert left == [("A",), ("B",), ("N",), (None,)]


def test_a_sighting_in_another_feed_stands(
    shops: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again
) -> None:
    """Another category, or a list in which nothing is new, has seen it since."""
    shops.put(shops.link("feeds", "hats"), record("A", 10))
    shops.put(shops.link("topFeeds", "hats"), record("T", 20))
    refresh(shops, "hats", feeds=(Feed.PRODUCT, Feed.TOP))
    shops.page(None, record("A", 10), record("T", 20))
    refresh(shops, "shoes")
    delta(shops, 2, record("A", 12, **BAD), record("T", 22, **BAD))
    refresh(shops, "shoes")
    refresh(shops, "hats", feeds=(Feed.PRODUCT,), full=True)
    refresh(shops, "hats", feeds=(Feed.TOP,))
    mend()
    assert again().overtaken_count == 2
    assert ask(PRICES) == [("A", 10), ("T", 20)]


def test_what_a_walk_did_not_list_since_has_left(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again
) -> None:
    """A product that the mirror never knew is not brought in after its time."""
    shop.page(None, record("A"), record("N", **BAD))
    refresh(shop)
    shop.page(None, record("A"))
    refresh(shop, full=True)
    mend()
    assert (again().overtaken_count, ask(PRICES)) == (1, [("A", 100)])


def test_nothing_comes_back_and_nothing_is_taken_away(
    shops: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """Delisted, left for another category, or said to have gone: all three stay in quarantine."""
    shops.put(shops.link("feeds", "hats"), record("moved"))
    shops.page(None, record("A"), record("B"), record("moved"))
    refresh(shops)
    gone = {"isAvailable": False}
    delta(shops, 2, record("A", **gone), record("moved", **gone))
    refresh(shops, "shoes")
    back = [record("A", 5, **BAD), record("moved", 5, **BAD)]
    delta(shops, 3, *back, record("B", **BAD, **gone))
    refresh(shops, "shoes")
    before = [ask(f"FROM {table} ORDER BY ALL") for table in ("products", "product_categories")]
    mend()
    done = again()
    assert (done.taken_count, done.delisted_count, done.deletion_count) == (0, 2, 1)
    assert before == [
        ask(f"FROM {table} ORDER BY ALL") for table in ("products", "product_categories")
    ]
    assert ask(LEFT) == [(3,)]
    assert broken_checks(lake) == set()


def test_what_was_cut_off_is_said_and_stays(
    shop: Scripted, refresh: Refresh, ask: Ask, again: Again, *, lake: Path
) -> None:
    """Too little was kept of it, even where the rest could be read."""
    shop.page(None, record("A"), record("long", **BAD, title="x" * RAW_LIMIT))
    refresh(shop)
    assert ask("SELECT octet_length(raw) < raw_byte_count FROM rejected_records") == [(True,)]
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute(
            "UPDATE rejected_records SET raw = encode(?)", [json.dumps(record("long"))]
        )
    done = again()
    assert (done.taken_count, done.capped_count, done.unread_count) == (0, 1, 0)
    (group,) = read_groups(LakeFolder(lake), Wanted())
    assert (group.record_count, group.capped_count) == (1, 1)


def test_only_the_last_of_a_product_is_taken(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again
) -> None:
    """Whether the later one can be read or not, and whatever was asked for."""
    shop.page(None, record("A", 10), record("B", 10))
    refresh(shop)
    delta(shop, 2, record("A", 11, **BAD), record("B", 11, **BAD))
    refresh(shop)
    delta(shop, 3, record("A", 12, **BAD), record("B", **COSTLY))
    refresh(shop)
    mend()
    done = again(reasons=["bad_value"])
    assert (done.taken_count, done.overtaken_count, done.unread_count) == (1, 2, 0)
    assert ask(PRICES) == [("A", 12), ("B", 10)]
    mend('"a lot"', "13")
    assert again().taken_count == 1
    assert ask(PRICES) == [("A", 12), ("B", 13)]
    assert again().overtaken_count == 2
    assert ask(LEFT) == [(2,)]


def test_twins_of_a_walk_go_by_the_rules_of_a_walk(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """A bare record blanks no complete one; of two that were rejected, the complete one counts."""
    shop.page(None, record("A", 10), to="c1")
    shop.page("c1", record("A", None, **BAD), record("B", 7, **BAD), record("B", None, **BAD))
    refresh(shop)
    mend()
    assert again().taken_count == 3
    assert ask(PRICES) == [("A", 10), ("B", 7)]
    assert broken_checks(lake) == set()
    assert ask(LEFT) == [(0,)]


def test_a_category_that_was_put_back_stays_so(
    shop: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """The next delta says what came after the version it went back to."""
    shop.page(None, record("A", 10), record("B"))
    refresh(shop)
    ((snapshot,),) = ask("SELECT id FROM lake.current_snapshot()")
    delta(shop, 2, record("A", 12, **BAD), record("B", 5))
    refresh(shop)
    roll_back(LakeFolder(lake), "shoes", str(snapshot))
    mend()
    assert (again().overtaken_count, ask(PRICES)) == (1, [("A", 10), ("B", 100)])


def test_a_sighting_from_before_the_record_was_kept_is_not_forgotten(
    shops: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again
) -> None:
    """A walk that died met it days before its merge; another category has seen it since."""
    shops.put(shops.link("feeds", "hats"), record("A", 10))
    shops.page(None, record("A", 10))
    refresh(shops)
    shops.page(None, record("A", 12, **BAD), record("N", 5, **BAD), to="c1")
    shops.answers[shops.path("feeds", "shoes", "c1")] = [500]
    refresh(shops, "shoes", full=True)
    refresh(shops, "hats", full=True)
    shops.page("c1", record("B", 1))
    assert refresh(shops, "shoes", full=True)["shoes"].rejected_count == 2
    mend()
    done = again()
    assert (done.taken_count, done.overtaken_count) == (1, 1)
    assert ask(PRICES) == [("A", 10), ("B", 1), ("N", 5)]


def test_a_walk_in_progress_keeps_its_pages(
    shop: Scripted, refresh: Refresh, mend: Mend, again: Again, *, lake: Path
) -> None:
    """A replay of the category has a folder of its own, and leaves none behind."""
    shop.page(None, record("A"), record("N", **BAD))
    refresh(shop)
    shop.page(None, record("A", 7), to="c1")
    shop.answers[shop.path("feeds", "shoes", "c1")] = [500]
    assert refresh(shop, full=True)["shoes"].status == "failed"
    (walk,) = (lake / "staging").glob("walk-*")
    mend()
    assert again().taken_count == 1
    assert list((lake / "staging").glob("walk-*")) == [walk]
    assert list(walk.glob("page-*.parquet")) != []


def test_rows_of_a_dump_are_read_by_its_header(
    refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """They are as old as the dump, and listed in its category."""
    rows = [line(fields(1)), line(fields(2, inStock="perhaps"))]
    file = zipped(lake.parent / "shoes.zip", rows)
    with Scripted() as shop:
        shop.dump(file.read_bytes())
        assert refresh(shop, feeds=(Feed.DUMP,))["shoes"].rejected_count == 1
    (kept,) = ask("SELECT record_source, header[:15], line FROM rejected_records")
    assert kept == ("v1.1.0 csv", "productId,title", 3)
    mend("perhaps", "true")
    assert again(feeds=["dump"]).taken_count == 1
    columns = "product_id, selling_price::DOUBLE, in_stock, year(changed_at), record_source"
    assert ask(f"SELECT {columns} FROM products WHERE product_id = '{product_id(2)}'") == [
        (product_id(2), 500.5, True, 2017, "v1.1.0 csv")
    ]
    assert ask("SELECT count(*) FROM product_categories WHERE category = 'shoes'") == [(2,)]
    assert broken_checks(lake) == set()


def test_only_what_is_meant_is_counted_shown_and_taken(
    shops: Scripted, refresh: Refresh, ask: Ask, mend: Mend, again: Again, *, lake: Path
) -> None:
    """By reason, category and feed, in every command."""
    shops.put(shops.link("feeds", "hats"), record("H", **BAD), record("I", **COSTLY))
    shops.page(None, record("S", **BAD), record("S", **BAD))
    refresh(shops)
    folder = LakeFolder(lake)
    found = [
        (one.reason, one.category, one.record_count, one.product_count)
        for one in read_groups(folder, Wanted())
    ]
    assert found == [
        ("bad_value", "shoes", 2, 1),
        ("bad_price", "hats", 1, 1),
        ("bad_value", "hats", 1, 1),
    ]
    wanted = Wanted(reasons=["bad_value"], categories=["hats"], feeds=["product"])
    (one,) = read_records(folder, wanted, 10)
    assert (one.product_id, one.page_number, one.record_number) == ("H", 1, 0)
    assert json.loads(one.raw) == record("H", **BAD)
    assert len(read_records(folder, Wanted(), 3)) == 3
    assert read_groups(folder, Wanted(feeds=["dump"])) == []
    mend()
    assert again(reasons=["bad_value"], categories=["hats"]).taken_count == 1
    assert ask(PRICES) == [("H", 100)]


def test_verify_finds_a_record_that_is_settled_wrongly(
    shop: Scripted, refresh: Refresh, mend: Mend, again: Again, lake: Path
) -> None:
    """Twice, by nobody, or gone without a trace."""
    shop.page(None, record("A"), record("N", **BAD))
    refresh(shop)
    mend()
    again()
    checks = [
        statement(f"checks/{name}").rstrip().rstrip(";")
        for name in ("settled_records_were_rejected", "rejects_have_their_refresh")
    ]
    with open_for_writing(LakeFolder(lake)) as connection:
        for damage in (
            "INSERT INTO settled_records FROM settled_records",
            "UPDATE settled_records SET outcome = 'overtaken'",
            "UPDATE settled_records SET settled_by = 'nobody'",
            "DELETE FROM settled_records",
        ):
            connection.execute("BEGIN")
            connection.execute(damage)
            found = [row for check in checks for row in connection.execute(check).fetchall()]
            connection.execute("ROLLBACK")
            assert found, damage
        assert [row for check in checks for row in connection.execute(check).fetchall()] == []


@pytest.mark.command
def test_the_commands(shop: Scripted, refresh: Refresh, mend: Mend, command: Command) -> None:
    """Alone it lists; nothing of a record reaches the terminal raw; a replay needs no account."""
    evil = "\x1b[2J[red]\u202e"
    shop.page(None, record("A"), record("N", **BAD, title=f"{evil}{'x' * 900}"))
    refresh(shop)
    done = command("quarantine")
    assert (done.returncode, done.stderr) == (0, "")
    assert "bad_value" in done.stdout
    shown = command("quarantine", "show", "--reason", "bad_value")
    assert shown.returncode == 0
    assert "page 1, record 1" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "x" * 400 not in shown.stdout
    whole = json.loads(command("quarantine", "show", "--json").stdout)["records"][0]
    assert json.loads(whole["raw"])["productBaseInfoV1"]["title"] == f"{evil}{'x' * 900}"
    mend()
    replayed = command("quarantine", "replay", "--json")
    assert (replayed.returncode, json.loads(replayed.stdout)["taken_count"]) == (0, 1)
    line_of_counts = command("quarantine", "replay").stdout
    assert line_of_counts == "0 taken (0 new, 0 changed)\n"


@pytest.mark.command
@pytest.mark.parametrize(
    ("call", "status", "says"),
    [
        (("--reason", "bad"), 2, "bad_price"),
        (("--json", "replay"), 2, "feedlake quarantine replay --"),
        (("list", "--lake", "nowhere"), 1, "there is no lake"),
    ],
)
def test_wrong_calls(command: Command, call: tuple[str, ...], status: int, says: str) -> None:
    """One line that says what to do."""
    done = command("quarantine", *call)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr
