"""Three roads to one category: equal, or what each lost, and what ages explain."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest
import typer
from pydantic import SecretStr
from rich.console import Console

from feeds.client import Patience
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.commands.reconcile import reconcile as command_reconcile
from flows.reconcile import Reconciled, reconcile
from flows.reconcile_table import print_reconciled, reconciled_object
from flows.settings import Settings
from storage.comparison import Comparison
from storage.lake import LakeFolder, open_for_writing
from storage.reconciliation import Road
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Reconcile = Callable[..., dict[str, Reconciled]]

QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)
ROWS = {"A": "A,Product A,999,10,10,true", "B": "B,Product B,999,20,20,true"} | {
    one: f"{one},Product {one},999,30,30,true" for one in ("C", "D")
}
PAIRS: list[tuple[Road, Road]] = [("mirror", "walk"), ("mirror", "dump"), ("walk", "dump")]


def put_dump(shop: Scripted, *rows: str, day: datetime | None = None, more: str = "") -> None:
    """Put a dump of `shoes`; without a day it is made when it is asked for, by a clock ahead."""
    day = day or datetime.now(UTC) + timedelta(minutes=4)
    lines = [f"productId,title,mrp,sellingPrice,specialPrice,inStock{more}", *rows, ""]
    zipped = io.BytesIO()
    with ZipFile(zipped, "w") as archive:
        archive.writestr(ZipInfo("osp.csv", day.timetuple()[:6]), "\n".join(lines))
    shop.dump(zipped.getvalue(), modified=day)


def put_feed(shop: Scripted, ids: str = "ABCD", **prices: float) -> None:
    """Put the whole feed of `shoes`."""
    usual = {"A": 10.0, "B": 20.0, "C": 30.0, "D": 30.0} | prices
    shop.page(None, *(record(one, usual[one]) for one in ids))


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve `shoes`: four of them in the feed and in a dump."""
    with Scripted() as scripted:
        put_feed(scripted)
        put_dump(scripted, *ROWS.values())
        yield scripted


@pytest.fixture
def reconciled(lake: Path) -> Reconcile:
    """Return what compares the roads to an upstream's categories, by category."""

    def run(upstream: Any, *categories: str, **other: Any) -> dict[str, Reconciled]:
        settings = Settings(
            affiliate_id=upstream.affiliate_id,
            affiliate_token=SecretStr(upstream.token),
            api_url=upstream.url,
            lake=lake,
            quota=0,
            wait=0,
            **other,
        )
        done = reconcile(settings, categories, Console(file=io.StringIO()), QUICK)
        return {one.category: one for one in done}

    return run


def by_pair(done: Reconciled) -> dict[tuple[Road, Road], Comparison]:
    """Return the comparisons by their roads."""
    assert done.found is not None, done.error
    return {(one.here, one.there): one.comparison for one in done.found.pairs}


def wrong(done: Reconciled) -> dict[tuple[Road, Road], dict[str, int]]:
    """Return what nothing explains, by the roads and kind."""
    return {
        roads: {kind: count for (said, kind), count in one.counts.items() if said == "wrong"}
        for roads, one in by_pair(done).items()
        if one.count("wrong")
    }


@pytest.mark.parametrize(
    "way", [{"format": "xml"}, {"api_version": "v0.1.0"}], ids=["xml", "older"]
)
def test_three_roads_of_a_sandbox_are_equal(
    refresh: Refresh, reconciled: Reconcile, ask: Ask, lake: Path, way: dict[str, str]
) -> None:
    """A base and two days of deltas, a walk and a dump of today; nothing is written."""
    rules = Rules(quota=0, misquoted_every=0, stray_byte_every=100)
    with Sandbox(products=300, categories=1, rules=rules) as sandbox:
        refresh(sandbox, **way)
        sandbox.next_day(2)
        refresh(sandbox, **way)
        # The sandbox dates its dumps by days long gone: take them for today's.
        with open_for_writing(LakeFolder(lake)) as connection:
            connection.execute("UPDATE refreshes SET started_at = '2020-01-01'")
            connection.execute("UPDATE products SET changed_at = '2020-01-01'")
            connection.execute(
                "UPDATE product_categories SET first_seen_at = '2020-01-01', "
                "delisted_at = CASE WHEN delisted_at IS NOT NULL THEN '2020-01-01'::DATE END"
            )
        snapshot = ask("SELECT id FROM lake.current_snapshot()")
        done = reconciled(sandbox, **way)
    assert {(one.status, one.error) for one in done.values()} == {("equal", None)}
    for one in done.values():
        assert list(by_pair(one)) == PAIRS
        assert one.found
        assert len(set(one.found.counts.values())) == 1
        assert not one.found.is_older
        count = one.found.counts["mirror"]
        assert {pair.equal_count for pair in by_pair(one).values()} == {count}
    assert snapshot == ask("SELECT id FROM lake.current_snapshot()")
    assert [one for one in (lake / "staging").rglob("*") if one.is_file()] == []


def test_a_row_that_the_mirror_lost(shop: Scripted, mirror: Path, reconciled: Reconcile) -> None:
    """It is on both other roads only."""
    with open_for_writing(LakeFolder(mirror)) as connection:
        connection.execute("DELETE FROM product_categories WHERE product_id = 'D'")
    done = reconciled(shop)["shoes"]
    lost = {"missing_here": 1}
    assert done.status == "wrong"
    assert wrong(done) == {("mirror", "walk"): lost, ("mirror", "dump"): lost}
    assert done.found
    assert done.found.counts == {"mirror": 3, "walk": 4, "dump": 4}


@pytest.mark.usefixtures("mirror")
def test_a_row_that_the_walk_lost(shop: Scripted, reconciled: Reconcile) -> None:
    """The feed of the same version names it no more."""
    put_feed(shop, "ABC")
    expected = {("mirror", "walk"): {"missing_there": 1}, ("walk", "dump"): {"missing_here": 1}}
    assert expected == wrong(reconciled(shop)["shoes"])


@pytest.mark.usefixtures("mirror")
def test_a_row_that_the_dump_lost(shop: Scripted, reconciled: Reconcile) -> None:
    """It is on both other roads, and nothing since the dump's day says why."""
    put_dump(shop, *list(ROWS.values())[:3])
    lost = {"missing_there": 1}
    assert wrong(reconciled(shop)["shoes"]) == {("mirror", "dump"): lost, ("walk", "dump"): lost}


@pytest.mark.usefixtures("mirror")
def test_a_row_of_the_dump_that_cannot_be_read(shop: Scripted, reconciled: Reconcile) -> None:
    """As many products may be missing there; one more is wrong."""
    rows = list(ROWS.values())
    put_dump(shop, *rows[:3], ",?,9,3,3,true")
    done = reconciled(shop)["shoes"]
    assert done.status != "wrong"
    assert "1 rows of the dump cannot be read" in done.notes[-1]
    put_dump(shop, *rows[:2], ",?,9,3,3,true")
    assert reconciled(shop)["shoes"].status == "wrong"


def test_columns_that_differ(shop: Scripted, mirror: Path, reconciled: Reconcile) -> None:
    """Each pair names them with both values, of the columns that both carry."""
    put_dump(shop, ROWS["A"], "B,Other,999,20,19,true", ROWS["C"], ROWS["D"])
    with open_for_writing(LakeFolder(mirror)) as connection:
        connection.execute("UPDATE products SET mrp = 5, brand = 'x' WHERE product_id = 'C'")
    done = reconciled(shop)["shoes"]
    found = {roads: dict(one.column_counts) for roads, one in by_pair(done).items()}
    assert found == {
        ("mirror", "walk"): {"brand": 1, "mrp": 1},
        ("mirror", "dump"): {"mrp": 1, "special_price": 1, "title": 1},
        ("walk", "dump"): {"special_price": 1, "title": 1},
    }
    (row,) = by_pair(done)["walk", "dump"].rows
    columns = {"title": ("Product B", "Other"), "special_price": (20, 19)}
    assert (row.product_id, row.kind, row.columns) == ("B", "different", columns)


@pytest.mark.usefixtures("mirror")
def test_lists_are_compared_as_a_dump_joins_them(
    shop: Scripted, refresh: Refresh, reconciled: Reconcile
) -> None:
    """A member that holds the separator comes apart in a dump, and is the same."""
    shop.page(None, record("A", 10, offers=["a;b", "c"], productFamily=["F1", "F2"]))
    refresh(shop, full=True)
    put_dump(shop, f'{ROWS["A"]},a;b;c,"F1,F2"', more=",offers,productFamily")
    assert wrong(reconciled(shop)["shoes"]) == {}
    put_dump(shop, f'{ROWS["A"]},a;b,"F1,F2"', more=",offers,productFamily")
    differing = reconciled(shop)["shoes"]
    assert by_pair(differing)["walk", "dump"].column_counts == {"offers": 1}


def test_what_changed_since_the_dump_is_explained(
    shop: Scripted, mirror: Path, refresh: Refresh, reconciled: Reconcile
) -> None:
    """By what the mirror saw since, and by the delta that it has not asked for yet."""
    with open_for_writing(LakeFolder(mirror)) as connection:
        for name in ("refreshes SET started_at", "products SET changed_at"):
            connection.execute(f"UPDATE {name} = '2020-01-01'")
        connection.execute("UPDATE product_categories SET first_seen_at = '2020-01-01'")
    day = datetime(2021, 6, 1, tzinfo=UTC)
    put_dump(shop, *ROWS.values(), day=day)
    shop.version(2)
    shop.delta(1, record("A", 11), record("D", isAvailable=False))
    refresh(shop, full_every_text="never")
    shop.version(3)
    shop.delta(2, record("B", 21))
    put_feed(shop, "ABC", A=11, B=21)
    done = reconciled(shop)["shoes"]
    assert (done.status, done.dated_at) == ("aged", day)
    assert done.notes == ["the mirror stands at 2, the upstream at 3"]
    behind = {roads: one.count("behind") for roads, one in by_pair(done).items()}
    assert behind == {("mirror", "walk"): 1, ("mirror", "dump"): 2, ("walk", "dump"): 3}
    put_dump(shop, ROWS["A"], ROWS["B"], ROWS["D"], day=day)
    lost = {"missing_there": 1}
    assert wrong(reconciled(shop)["shoes"]) == {("mirror", "dump"): lost, ("walk", "dump"): lost}


@pytest.mark.usefixtures("mirror")
def test_a_dump_older_than_the_mirror(shop: Scripted, reconciled: Reconcile) -> None:
    """Whatever differs may have changed before the mirror began; a note says so."""
    put_dump(shop, ROWS["A"], day=datetime(2017, 1, 2, tzinfo=UTC))
    done = reconciled(shop)["shoes"]
    assert done.status == "aged"
    assert "the dump of 2017-01-02 is older than the mirror" in done.notes[-1]
    assert by_pair(done)["walk", "dump"].count("behind", "missing_there") == 3


@pytest.mark.usefixtures("mirror")
def test_a_category_without_a_dump(shop: Scripted, reconciled: Reconcile) -> None:
    """Two roads are left."""
    directory = "/affiliate/download/feeds/me.json"
    (listed,) = shop.answers[directory]
    assert isinstance(listed, bytes)
    shop.answers[directory] = [listed.replace(b"shoes", b"hats")]
    done = reconciled(shop)["shoes"]
    assert (done.status, done.notes) == ("equal", ["the vendor lists no dump of it"])
    assert list(by_pair(done)) == PAIRS[:1]


@pytest.mark.usefixtures("mirror")
def test_it_is_printed_plain_and_as_an_object(shop: Scripted, reconciled: Reconcile) -> None:
    """The table has a line for each pair; the object has every figure of it."""
    put_dump(shop, *list(ROWS.values())[:3], "E,\x1b[31mred,1,1,1,true")
    done = list(reconciled(shop).values())
    out = io.StringIO()
    print_reconciled(done, Console(file=out, width=200))
    assert "\x1b" not in out.getvalue()
    assert "mirror 4" in out.getvalue()
    report = reconciled_object(done)
    (category,) = report["categories"]
    assert (report["status"], category["status"]) == ("failed", "wrong")
    assert category["pairs"][2]["wrong"] == {
        "missing_here": 1,
        "missing_there": 1,
        "different": 0,
    }


def test_the_command(
    shop: Scripted,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 1 while the roads do not agree."""
    account = {
        "FK_AFFILIATE_ID": shop.affiliate_id,
        "FK_AFFILIATE_TOKEN": shop.token,
        "FEEDLAKE_API_URL": shop.url,
        "FEEDLAKE_LAKE": str(mirror),
    }
    for name, value in account.items():
        monkeypatch.setenv(name, value)
    put_dump(shop, *list(ROWS.values())[:3])
    with pytest.raises(typer.Exit) as failed:
        command_reconcile(as_json=True)
    assert failed.value.exit_code == 1
    assert json.loads(capsys.readouterr().out)["categories"][0]["counts"]["dump"] == 3
