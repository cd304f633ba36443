"""Upkeep: what it merges, what it clears away, and what nobody may lose by it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from storage.checks import check_lake
from storage.errors import LakeBusyError, LakeInUseError, LakeMissingError, NoSnapshotError
from storage.lake import LakeFolder, open_for_reading
from storage.lock import writer_lock
from storage.staging import ReadPage, StagedPage, Staging, WalkPlan
from storage.upkeep import STALE_WALK, maintain
from tests.conftest import ROOT
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]
State = list[tuple[Any, ...]]

MONTH, NOTHING = timedelta(days=30), timedelta(0)
DAYS = 6


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve 60 products."""
    with Scripted() as scripted:
        scripted.page(None, *(record(f"P{number:02}", number + 1) for number in range(60)))
        yield scripted


@pytest.fixture
def used_lake(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> LakeFolder:
    """Mirror the shop and some days of it: a few changes on some days, many on others."""
    if not original.exists():
        refresh(shop, into=original)
        for day in range(1, DAYS):
            a_day(shop, day)
            refresh(shop, into=original)
    shutil.copytree(original, lake)
    return LakeFolder(lake)


def a_day(shop: Scripted, day: int) -> None:
    """Change some prices, take a product away and bring another."""
    shop.version(day + 1)
    changed = [f"P{number:02}" for number in range(day, day + (4 if day % 2 else 25))]
    gone = record(f"P{day + 40}", isAvailable=False)
    shop.delta(day, *(record(one, 100 + day) for one in changed), gone, record(f"N{day}"))


def states(lake: LakeFolder) -> dict[int, State]:
    """Return every product and its history at every snapshot."""
    found: dict[int, State] = {}
    with open_for_reading(lake) as connection:
        rows = connection.execute("SELECT snapshot_id FROM lake.snapshots() WHERE snapshot_id > 1")
        for (number,) in rows.fetchall():
            at = f"AT (VERSION => {number})"
            found[number] = connection.execute(f"""
                SELECT products.*, count(*)
                FROM products {at} JOIN price_history {at} USING (product_id)
                GROUP BY ALL ORDER BY ALL
            """).fetchall()
    return found


def files_of(lake: LakeFolder) -> set[Path]:
    """Return the data files."""
    return set(lake.data.rglob("*.parquet"))


def failed_checks(lake: LakeFolder) -> list[str]:
    """Return the names of the checks that fail."""
    return [one.name for one in check_lake(lake) if not one.holds]


def test_the_catalogue_holds_rows_of_small_tables_only(used_lake: LakeFolder) -> None:
    """Each query of a table that has rows there asks for them: what analysts ask has none."""
    with open_for_reading(used_lake) as connection:
        catalogue = '"__ducklake_metadata_lake"'
        held = connection.execute(
            f"SELECT table_name FROM {catalogue}.ducklake_table AS known "
            f"SEMI JOIN {catalogue}.ducklake_inlined_data_tables AS held USING (table_id)"
        ).fetchall()
    assert {name for (name,) in held} == {"category_versions", "refreshes", "walk_pages"}


def test_fewer_files_hold_the_same_at_every_snapshot(used_lake: LakeFolder) -> None:
    """Days are merged into one file a table; every snapshot reads what it read."""
    before = states(used_lake)
    done = maintain(used_lake, MONTH)
    after = states(used_lake)
    assert {number: after[number] for number in before} == before
    assert done.merged_file_count > 0
    assert done.rewritten_file_count > 0
    assert done.after.file_count < done.before.file_count
    assert (done.expired_snapshot_count, done.flushed_row_count) == (0, 0)
    assert (done.removed_file_count, done.orphan_count) == (0, 0)
    assert failed_checks(used_lake) == []


def test_upkeep_after_upkeep_loses_nothing(
    used_lake: LakeFolder, shop: Scripted, refresh: Refresh
) -> None:
    """Refreshes and upkeep in turn; with nothing new there is nothing to do."""
    expected: dict[int, State] = {}
    for day in range(DAYS, DAYS + 2):
        expected |= states(used_lake)
        maintain(used_lake, MONTH, alone=True)
        a_day(shop, day)
        refresh(shop)
    maintain(used_lake, MONTH, alone=True)
    found = states(used_lake)
    assert {number: found[number] for number in expected} == expected
    assert failed_checks(used_lake) == []
    again = maintain(used_lake, MONTH, alone=True)
    assert (again.before, again.merged_file_count) == (again.after, 0)


def test_snapshots_beyond_the_kept_days_expire(
    used_lake: LakeFolder, shop: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Their files go too; the current state stays, and the mirror goes on from it."""
    current = states(used_lake).popitem()[1]
    done = maintain(used_lake, NOTHING, alone=True)
    assert done.after.snapshot_count < done.before.snapshot_count
    assert done.removed_file_count > 0
    done = maintain(used_lake, NOTHING, alone=True)
    assert done.after.snapshot_count == 1
    assert len(files_of(used_lake)) == done.after.file_count == done.after.stored_file_count
    assert states(used_lake).popitem()[1] == current
    with pytest.raises(NoSnapshotError, match="feedlake snapshots"):
        ask("FROM products", at=3)
    a_day(shop, DAYS)
    assert refresh(shop)["shoes"].mode == "delta"
    assert failed_checks(used_lake) == []


def test_a_time_within_the_kept_days_is_answered(used_lake: LakeFolder) -> None:
    """The snapshot that was current when they began is kept, however old it is."""
    expected = states(used_lake)
    newest = max(expected)
    spread_over_days(used_lake, newest)
    maintain(used_lake, timedelta(days=2, hours=12))
    found = states(used_lake)
    assert min(found) == newest - 3
    assert {number: found[number] for number in expected if number in found} == {
        number: state for number, state in expected.items() if number >= newest - 3
    }
    began = datetime.now(UTC) - timedelta(days=2, hours=11)
    with open_for_reading(used_lake, began.isoformat()) as connection:
        history = connection.execute("SELECT count(*) FROM price_history").fetchall()
    assert history == [(sum(row[-1] for row in expected[newest - 3]),)]


def spread_over_days(lake: LakeFolder, newest: int) -> None:
    """Let the snapshots be a day apart, the newest of now."""
    with closing(sqlite3.connect(lake.catalog)) as catalog, catalog:
        for number in range(newest + 1):
            moment = datetime.now(UTC) - timedelta(days=newest - number)
            catalog.execute(
                "UPDATE ducklake_snapshot SET snapshot_time = ? WHERE snapshot_id = ?",
                (f"{moment:%Y-%m-%d %H:%M:%S.%f+00}", number),
            )


READER = """
import sys
from pathlib import Path
from storage.lake import LakeFolder, open_for_reading
with (
    open_for_reading(LakeFolder(Path(sys.argv[1]))) as inside,
    open_for_reading(LakeFolder(Path(sys.argv[1])), 3) as holding,
):
    inside.execute("BEGIN")
    inside.execute("SELECT count(*) FROM walk_pages").fetchall()
    middle = inside.cursor()
    middle.execute("SELECT title FROM lake.products, range(40000)")
    middle.fetchmany(5)
    print("reading", flush=True)
    sys.stdin.readline()
    rows = 5
    while found := middle.fetchmany(100_000):
        rows += len(found)
    print(rows)
    query = "SELECT count(DISTINCT title), sum(selling_price)::INTEGER FROM products"
    print(inside.execute(query).fetchone(), holding.execute(query).fetchone())
    query = "SELECT count(DISTINCT selling_price) FROM price_history"
    print(inside.execute(query).fetchone(), holding.execute(query).fetchone())
"""


def test_readers_in_another_process_lose_nothing(used_lake: LakeFolder) -> None:
    """One in the middle of a query, one in a transaction, one that holds an old snapshot."""

    def reader() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", READER, str(used_lake.root)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with reader() as undisturbed, reader() as reading:
        expected, _ = undisturbed.communicate("\n", timeout=60)
        assert reading.stdout
        assert reading.stdout.readline() == "reading\n"
        with pytest.raises(LakeInUseError, match="without --alone"):
            maintain(used_lake, MONTH, alone=True)
        done = maintain(used_lake, MONTH)
        found, _ = reading.communicate("\n", timeout=60)
    assert done.merged_file_count > 0
    assert "reading\n" + found == expected
    assert reading.returncode == 0


def test_replaced_files_stay_for_the_grace_period(used_lake: LakeFolder) -> None:
    """They go at once only where somebody promises that nobody reads."""
    before = files_of(used_lake)
    maintain(used_lake, MONTH)
    assert files_of(used_lake) >= before
    done = maintain(used_lake, MONTH, alone=True)
    assert done.removed_file_count > 0
    assert done.flushed_row_count > 0
    assert done.after.stored_byte_count < done.before.stored_byte_count


def test_orphans_are_removed_once_they_are_old(used_lake: LakeFolder) -> None:
    """A file that no commit named may be one that is being written, until it is old."""
    old, young = (used_lake.data / f"main/products/{name}.parquet" for name in ("old", "young"))
    for file in (old, young):
        shutil.copy(next(iter(files_of(used_lake))), file)
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    assert maintain(used_lake, MONTH).orphan_count == 1
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("name", ["lake", "lake/../lake", "a link"])
def test_no_file_in_use_is_an_orphan_however_the_lake_is_named(
    used_lake: LakeFolder, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a relative path, a roundabout one or a link.

    The orphans that are there are DuckLake's own: a list of deleted rows that the same transaction
    replaced.
    """
    used_lake.root.with_name("a link").symlink_to(used_lake.root)
    monkeypatch.chdir(used_lake.root.parent)
    before = states(used_lake)
    maintain(LakeFolder(Path(name)), MONTH, alone=True)
    found = states(used_lake)
    assert {number: found[number] for number in before} == before
    assert failed_checks(used_lake) == []


def test_staged_walks_that_are_of_no_more_use_are_discarded(
    used_lake: LakeFolder, ask: Ask
) -> None:
    """Merged already, too old, or unreadable; one that can still go on stays."""
    staging = Staging(used_lake.staging)
    now = datetime.now(UTC)
    ((merged,),) = ask("SELECT max(refresh_id) FROM refreshes")
    staging.open(plan("merged", merged, now))
    staging.open(plan("old", "r1", now - STALE_WALK - timedelta(hours=1)))
    staging.open(plan("recent", "r2", now - timedelta(hours=1)))
    resumed = staging.open(plan("resumed", "r3", now - STALE_WALK - timedelta(hours=1)))
    (used_lake.staging / "walk-broken").mkdir()
    (used_lake.staging / "spill").mkdir()
    (used_lake.staging / "spill" / "left.tmp").touch()
    page = StagedPage(1, "c", "d", "/d", None, 0, 0, 0, "", now, "/c")
    resumed.add(ReadPage(page, pl.DataFrame({"product_id": ["A"]})))
    done = maintain(used_lake, MONTH)
    assert done.discarded_walk_count == 3
    assert sorted(staging.refresh_ids()) == ["r2", "r3"]
    assert not list((used_lake.staging / "spill").iterdir())


def test_downloads_that_nobody_goes_on_with_are_removed(used_lake: LakeFolder) -> None:
    """A dump whose download broke off a week ago; one of yesterday may still go on."""
    long_ago = (datetime.now(UTC) - STALE_WALK - timedelta(hours=1)).timestamp()
    for name in ("dump-a.zip.part", "dump-a.zip.part.json", "dump-b.zip.part"):
        (used_lake.staging / name).touch()
        if "-a" in name:
            os.utime(used_lake.staging / name, (long_ago, long_ago))
    maintain(used_lake, MONTH)
    assert [one.name for one in used_lake.staging.glob("dump-*")] == ["dump-b.zip.part"]


def plan(category: str, refresh_id: str, started_at: datetime) -> WalkPlan:
    """Return the plan of a full walk."""
    return WalkPlan(
        refresh_id,
        "run",
        category,
        "product",
        "full",
        None,
        1,
        started_at,
        "/first",
        "x",
        ("product_id",),
    )


def test_upkeep_is_the_only_writer(used_lake: LakeFolder) -> None:
    """It waits for no refresh, and touches nothing beside one."""
    files = files_of(used_lake)
    with writer_lock(used_lake.root), pytest.raises(LakeBusyError):
        maintain(used_lake, NOTHING, alone=True)
    assert files_of(used_lake) == files


def test_no_lake_is_made_for_upkeep(lake: Path) -> None:
    """There is nothing to keep up."""
    with pytest.raises(LakeMissingError):
        maintain(LakeFolder(lake), MONTH)
    assert not lake.exists()


@pytest.mark.command
def test_the_command_says_what_it_did(used_lake: LakeFolder, command: Command) -> None:
    """As a table for a person, and as an object for a script."""
    done = command("maintain", "--keep-days", "0", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["expired_snapshot_count"] > 0
    assert report["after"]["file_count"] < report["before"]["file_count"]
    assert report["removed_file_count"] == 0
    done = command("maintain", "--alone")
    assert (done.returncode, done.stderr) == (0, "")
    assert "files removed that nothing needs" in done.stdout
    assert "before   after" in done.stdout
    assert failed_checks(used_lake) == []
    assert command("maintain", "--keep-days", "-1").returncode == 2
