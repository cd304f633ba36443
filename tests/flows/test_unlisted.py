"""Categories that the directory lists no more: named by every command, removed by one."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import UnknownCategoryError
from flows.feed import Feed
from flows.outcome import Outcome
from flows.report.attention import attention, standing
from flows.report.facts import Asked, read_facts
from flows.scheduled import JOBS
from flows.settings import Settings
from storage.checks import check_lake
from storage.errors import CategoryMissingError
from storage.lake import LakeFolder
from storage.removal import Removal, remove_category
from storage.rollback import roll_back
from storage.status import read_status
from tests.conftest import command_environment
from tests.flows.test_plan import named, plan_of, printed
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

SNAPSHOT = "SELECT id FROM lake.current_snapshot()"
PRODUCTS = "SELECT * EXCLUDE changed_at FROM products ORDER BY product_id"
LISTINGS = "FROM product_categories ORDER BY ALL"
AVAILABLE = "SELECT product_id FROM products WHERE is_available ORDER BY 1"
VERSIONS = "SELECT category, version, last_full_at, unlisted_at FROM category_standing ORDER BY 1"


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve bags and shoes, which share a product."""
    with Scripted(categories=("bags", "shoes"), tops=True) as scripted:
        scripted.put(scripted.link("feeds", "bags"), record("BAG1"), record("BAG2"), record("BOTH"))
        scripted.put(scripted.link("feeds", "shoes"), record("SHOE"), record("BOTH"))
        for name in scripted.categories:
            scripted.put(scripted.link("topFeeds", name), record("BOTH"))
        yield scripted


@pytest.fixture
def gone(shop: Scripted, refresh: Refresh) -> Scripted:
    """Mirror both, then take bags out of the directory and refresh again."""
    refresh(shop)
    shop.categories = ("shoes",)
    assert refresh(shop)["bags"].status == "done"
    return shop


def environment(shop: Scripted, lake: Path) -> dict[str, str]:
    """Return what a command needs to ask the shop."""
    return command_environment(lake) | {
        "FEEDLAKE_API_URL": shop.url,
        "FK_AFFILIATE_ID": shop.affiliate_id,
        "FK_AFFILIATE_TOKEN": shop.token,
    }


def remove(lake: Path, category: str = "bags") -> Removal:
    """Remove a category; the lake passes its own checks then."""
    done = remove_category(LakeFolder(lake), category)
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []
    return done


def on_a_terminal(lake: Path, *arguments: str, typed: str) -> tuple[int, str]:
    """Run a command on a terminal of its own; return its status and what was seen there."""
    master, slave = pty.openpty()
    command = [str(Path(sys.executable).parent / "feedlake"), *arguments]
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=command_environment(lake)
    ) as running:
        os.close(slave)
        os.write(master, typed.encode())
        seen = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            seen += part
    os.close(master)
    return running.returncode, seen.decode()


def test_every_place_names_it(
    gone: Scripted, command: Command, lake: Path, ask: Ask, prefect_api: str
) -> None:
    """Refresh ends with 0, plan and status too; the report asks for attention."""
    advice = "bags: the directory no longer lists it"
    env = environment(gone, lake) | {"PREFECT_API_URL": prefect_api}
    refreshed = command("refresh", "--feed", "product", "--json", env=env)
    assert refreshed.returncode == 0
    told = json.loads(refreshed.stdout)
    assert [one["mode"] for one in told["feeds"]] == ["unlisted", "skip"]
    assert told["notes"][0].startswith(advice)
    assert "feedlake remove bags" in told["notes"][0]

    plan = plan_of(gone, lake)
    assert (named(plan)["bags"].mode, named(plan)["bags"].requests) == ("unlisted", 0)
    assert "`feedlake remove bags`" in " ".join(printed(plan).split())

    status = command("status")
    assert (status.returncode, advice in status.stdout) == (0, True)
    bags, shoes = read_status(LakeFolder(lake))["categories"]
    ((first,),) = ask("SELECT min(started_at) FROM refreshes WHERE mode = 'unlisted'")
    assert (bags["unlisted_at"], shoes["unlisted_at"]) == (first, None)

    facts = read_facts(LakeFolder(lake), Asked())
    now = facts.totals["checked_at"]
    assert any(line.startswith(advice) for line in attention(facts, now))
    states = {row["category"]: standing(row, now) for row in facts.categories}
    assert states == {"bags": ("warn", "unlisted"), "shoes": ("good", "fresh")}
    assert ask(AVAILABLE) == [("BAG1",), ("BAG2",), ("BOTH",), ("SHOE",)]


def test_the_freshness_job_tells_it_and_does_not_fail(gone: Scripted, lake: Path) -> None:
    """A category that the vendor withdrew is not stale, and one event a day is enough."""
    settings = Settings(lake=lake, affiliate_id=gone.affiliate_id)

    async def check() -> Outcome:
        return await JOBS["freshness"](settings)

    outcome = asyncio.run(check())
    assert outcome.message.startswith("1 categories are fresh; bags: the directory no longer")
    assert [(one.event, one.about, one.is_failure) for one in outcome.troubles] == [
        ("feedlake.category.unlisted", "bags", False)
    ]


def test_named_it_has_failed_and_the_others_go_on(gone: Scripted, refresh: Refresh) -> None:
    """A cron job that names its categories is told by the status, and still gets the others."""
    rows = refresh(gone, "bags", "shoes")
    assert {name: row.status for name, row in rows.items()} == {"bags": "failed", "shoes": "done"}
    assert "`feedlake remove bags`" in rows["bags"].error
    assert refresh(gone, "bags", feeds=(Feed.TOP,))["bags"].status == "failed"
    with pytest.raises(UnknownCategoryError, match="no category 'begs'"):
        refresh(gone, "begs")


def test_one_that_comes_back_is_named_no_more(gone: Scripted, refresh: Refresh, ask: Ask) -> None:
    """It goes on from the version that it stands at."""
    gone.categories = ("bags", "shoes")
    assert refresh(gone)["bags"].mode == "skip"
    assert ask("SELECT unlisted_at FROM category_status") == [(None,), (None,)]


def test_a_much_shorter_directory_is_an_outage(refresh: Refresh, ask: Ask, lake: Path) -> None:
    """The run says so and has failed; nothing is taken away, and the next one is as ever."""
    names = tuple(f"shop_{number}" for number in range(8))
    with Scripted(categories=names) as shop:
        for name in names:
            shop.put(shop.link("feeds", name), record(name.upper()))
        refresh(shop)
        shop.categories = names[:3]
        rows = refresh(shop)
        failed = {name for name, row in rows.items() if row.status == "failed"}
        assert failed == set(names[3:])
        assert "lists only 3 of 8 mirrored categories" in rows[names[5]].error
        assert "feedlake remove" not in rows[names[5]].error
        assert len(ask(AVAILABLE)) == len(names)
        assert named(plan_of(shop, lake))[names[5]].error == rows[names[5]].error
        shop.categories = names
        assert {row.mode for row in refresh(shop).values()} == {"skip"}


def test_removed_and_put_back(gone: Scripted, refresh: Refresh, ask: Ask, lake: Path) -> None:
    """Products leave but for the shared one, in one snapshot; a rollback restores everything."""
    ((before,),) = ask(SNAPSHOT)
    state = [ask(query) for query in (PRODUCTS, LISTINGS, VERSIONS)]
    done = remove(lake)
    assert (done.delisted_count, done.shared_count, done.version) == (2, 1, 1)
    assert ask(SNAPSHOT) == [(before + 1,)] == [(done.snapshot,)]
    assert ask(AVAILABLE) == [("BOTH",), ("SHOE",)]
    assert ask("SELECT category FROM category_status") == [("shoes",)]
    assert "bags" not in refresh(gone)
    assert named(plan_of(gone, lake)).keys() == {"shoes"}
    assert remove(lake).was_removed

    back = roll_back(LakeFolder(lake), "bags", str(before))
    assert (back.from_version, back.to_version, back.changed_count) == (None, 1, 2)
    assert [ask(query) for query in (PRODUCTS, LISTINGS, VERSIONS)] == state
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []
    with pytest.raises(CategoryMissingError, match="was not mirrored at snapshot"):
        roll_back(LakeFolder(lake), "bags", str(done.snapshot))


def test_removed_and_listed_again(gone: Scripted, refresh: Refresh, ask: Ask, lake: Path) -> None:
    """It is walked in full, whatever version the upstream names."""
    remove(lake)
    gone.categories = ("bags", "shoes")
    row = refresh(gone)["bags"]
    assert (row.mode, row.from_version, row.to_version) == ("full", None, 1)
    assert ask(AVAILABLE) == [("BAG1",), ("BAG2",), ("BOTH",), ("SHOE",)]
    assert ask("SELECT category, version FROM category_status") == [("bags", 1), ("shoes", 1)]
    assert refresh(gone)["bags"].mode == "skip"


def test_what_a_removal_leaves_behind(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Staged pages go; its lists of top sellers stay as history and move no more."""
    shop.put(shop.link("topFeeds", "bags"), record("BAG1"), record("BOTH"))
    refresh(shop, feeds=(Feed.PRODUCT, Feed.TOP))
    shop.put(shop.link("topFeeds", "bags"), record("BOTH"), record("BAG1"))
    refresh(shop, "bags", feeds=(Feed.TOP,))
    assert ask("SELECT DISTINCT category FROM top_movers") == [("bags",)]
    lists = ask("SELECT count(*) FROM top_products WHERE category = 'bags'")
    shop.version(2, "bags")
    shop.answers[shop.path("deltaFeeds", "bags", "fromVersion/1")] = [500]
    assert refresh(shop, "bags")["bags"].status == "failed"
    assert list((lake / "staging").glob("walk-*"))
    remove(lake)
    assert list((lake / "staging").glob("walk-*")) == []
    assert ask("FROM top_movers") == []
    assert ask("SELECT count(*) FROM top_products WHERE category = 'bags'") == lists
    assert ask("SELECT count(*) FROM gone_products(1)") == [(2,)]
    assert ask("SELECT count(*) FROM price_history WHERE feed = 'remove'") == [(2,)]


@pytest.mark.usefixtures("gone")
def test_the_command_asks(lake: Path, ask: Ask, command: Command) -> None:
    """Once for a category that is gone; nobody to ask, or no, removes nothing."""
    ((before,),) = ask(SNAPSHOT)
    refused = command("remove", "bags")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "--yes" in refused.stderr
    status, seen = on_a_terminal(lake, "remove", "bags", typed="n\n")
    assert (status, "nothing was removed" in seen) == (1, True)
    assert "2 products delisted, 1 stay in other categories" in seen
    foretold = command("remove", "bags", "--dry-run")
    assert (foretold.returncode, "nothing was written" in foretold.stdout) == (0, True)
    assert ask(SNAPSHOT) == [(before,)]
    status, seen = on_a_terminal(lake, "remove", "bags", typed="y\n")
    assert (status, f"feedlake rollback bags --to {before}" in seen) == (0, True)


@pytest.mark.usefixtures("gone")
def test_the_command_asks_twice_for_one_that_is_listed(
    lake: Path, ask: Ask, command: Command
) -> None:
    """And names what looks like a category that is unknown."""
    status, seen = on_a_terminal(lake, "remove", "shoes", typed="y\nn\n")
    assert (status, "the next refresh mirrors all of it again" in seen) == (1, True)
    unknown = command("remove", "shoe", "--yes")
    assert (unknown.returncode, "did you mean shoes?" in unknown.stderr) == (2, True)
    done = command("remove", "shoes", "--yes", "--json")
    assert (done.returncode, json.loads(done.stdout)["delisted_count"]) == (0, 1)
    assert ask("SELECT category FROM category_status") == [("bags",)]
