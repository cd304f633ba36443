"""What diff says of two snapshots, against days of a sandbox compared in plain Python."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from feeds.sandbox.server import Sandbox
from storage.diff import KINDS, Change, open_diff
from storage.errors import CategoryMissingError, NoSnapshotError
from storage.lake import LakeFolder
from storage.upkeep import maintain
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., Any]


class Offer(NamedTuple):
    """What a shopper sees of a product."""

    price: Decimal | None
    in_stock: bool


Day = dict[str, Offer]


def day_of(sandbox: Sandbox, *categories: str) -> Day:
    """Return the products of the categories, all for none, as the sandbox has them now."""
    day: Day = {}
    for category in categories or tuple(sandbox.versions()):
        for one in sandbox.truth(category):
            base = one["productBaseInfoV1"]
            prices = [base["flipkartSpecialPrice"], base["flipkartSellingPrice"]]
            known = [price["amount"] for price in prices if price and price["amount"]]
            price = Decimal(str(known[0])).quantize(Decimal("0.01")) if known else None
            day[base["productId"]] = Offer(price, base["inStock"])
    return day


def expected_changes(old: Day, new: Day) -> set[tuple[str, str, Decimal | None, Decimal | None]]:
    """Return kind, product, old and new price, compared one by one."""
    found = set()
    for one in old.keys() | new.keys():
        before, after = old.get(one), new.get(one)
        kinds = []
        if before is None:
            kinds.append("new")
        elif after is None:
            kinds.append("gone")
        else:
            if before.price and after.price and after.price != before.price:
                kinds.append("dearer" if after.price > before.price else "cheaper")
            if before.in_stock != after.in_stock:
                kinds.append("restocked" if after.in_stock else "out_of_stock")
        prices = before and before.price, after and after.price
        found |= {(kind, one, *prices) for kind in kinds}
    return found


def found_changes(lake: Path, old: int, new: int, category: str | None = None) -> list[Change]:
    """Return what the lake says, its totals checked."""
    with open_diff(LakeFolder(lake), str(old), str(new), category) as difference:
        rows = list(difference.rows())
        kinds = [row.change for row in rows]
        assert {kind: kinds.count(kind) for kind in KINDS} == difference.totals
    return rows


def essence(rows: list[Change]) -> set[tuple[str, str, Decimal | None, Decimal | None]]:
    """Return the rows as `expected_changes` does; none stands there twice."""
    found = {(row.change, row.product_id, row.old_price, row.new_price) for row in rows}
    assert len(found) == len(rows)
    return found


def current(ask: Ask) -> int:
    """Return the current snapshot."""
    ((number,),) = ask("SELECT id FROM lake.current_snapshot()")
    return int(number)


def test_days_of_a_sandbox_compared_in_python(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Forwards, backwards and by category, after upkeep too."""
    category = next(iter(small_sandbox.versions()))
    snapshots, days, days_of_category = [], [], []
    for _ in range(3):
        refresh(small_sandbox)
        snapshots.append(current(ask))
        days.append(day_of(small_sandbox))
        days_of_category.append(day_of(small_sandbox, category))
        small_sandbox.next_day()
    for upkeep in (False, True):
        if upkeep:
            maintain(LakeFolder(lake), timedelta(days=30))
        for old, new in ((0, 1), (1, 2), (0, 2), (2, 0), (1, 1)):
            expected = expected_changes(days[old], days[new])
            rows = found_changes(lake, snapshots[old], snapshots[new])
            assert essence(rows) == expected
            if old == 0:
                assert {row.change for row in rows} == set(KINDS)
            members = days_of_category[old].keys() | days_of_category[new].keys()
            of_category = found_changes(lake, snapshots[old], snapshots[new], category)
            assert essence(of_category) == {one for one in expected if one[1] in members}


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve one category."""
    with Scripted() as scripted:
        yield scripted


def price(amount: float | None) -> dict[str, Any] | None:
    """Return a price as it stands in a record."""
    return None if amount is None else {"amount": amount, "currency": "INR"}


def test_prices_are_special_else_selling_and_never_0(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """An unknown price is neither dearer nor cheaper; 0 is unknown."""
    shop.page(
        None,
        record("A", 100, flipkartSpecialPrice=price(80)),
        record("B", 100, flipkartSpecialPrice=price(0)),
        record("C", 100, flipkartSpecialPrice=None),
        record("D", 0),
        record("E", 100),
        record("F", None),
    )
    refresh(shop)
    first = current(ask)
    shop.version(2)
    shop.delta(
        1,
        record("A", 70),
        record("B", 100, flipkartSpecialPrice=price(90)),
        record("C", 120, flipkartSpecialPrice=None),
        record("D", 50),
        record("E", 0),
        record("F", 60),
    )
    refresh(shop)
    rows = found_changes(lake, first, current(ask))
    changes = [(row.change, row.product_id, row.percent) for row in rows]
    assert changes == [("dearer", "C", 20.0), ("cheaper", "A", -12.5), ("cheaper", "B", -10.0)]
    assert rows[0] == Change(
        "dearer", "C", "Product C", "shoes", "INR", Decimal(100), Decimal(120), 20.0
    )


def test_a_product_that_went_and_came_back_is_as_new(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """What counts is whether the catalogue lists it."""
    shop.page(None, record("A"), record("B"))
    refresh(shop)
    snapshots = [current(ask)]
    for version, listed in ((2, False), (3, True)):
        shop.version(version)
        shop.delta(version - 1, record("A", isAvailable=listed))
        refresh(shop)
        snapshots.append(current(ask))
    kinds = [
        [(row.change, row.product_id) for row in found_changes(lake, old, new)]
        for old, new in ((snapshots[0], snapshots[1]), (snapshots[1], snapshots[2]))
    ]
    assert kinds == [[("gone", "A")], [("new", "A")]]
    assert found_changes(lake, snapshots[0], snapshots[2]) == []


def test_a_time_names_the_snapshot_that_was_current(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Numbers and times can be mixed; what the lake does not keep is said at once."""
    shop.page(None, record("A"))
    refresh(shop)
    first = current(ask)
    ((moment,),) = ask(f"SELECT snapshot_time FROM lake.snapshots() WHERE snapshot_id = {first}")
    folder = LakeFolder(lake)
    with open_diff(folder, moment.isoformat(), str(first)) as difference:
        assert difference.old.number == first
    for wanted in ("99", "2001-01-01", "yesterday", "-1", "9" * 30):
        with pytest.raises(NoSnapshotError, match="it keeps numbers 0 to"):
            open_diff(folder, wanted, str(first)).__enter__()
    with pytest.raises(CategoryMissingError, match="did you mean shoes"):
        open_diff(folder, str(first), str(first), "shos").__enter__()


@pytest.mark.command
def test_the_command_prints_tables_csv_and_json(
    shop: Scripted, refresh: Refresh, ask: Ask, command: Command
) -> None:
    """The totals first; a table shows the largest of each kind, the others everything."""
    shop.page(None, *(record(f"P{number:02}", 100) for number in range(15)))
    refresh(shop)
    first = str(current(ask))
    shop.version(2)
    cheaper = (record(f"P{number:02}", 99 - number) for number in range(15))
    shop.delta(1, *cheaper, record("N", 1234.5, title="[bold]50% [off]"))
    refresh(shop)
    last = str(current(ask))

    table = command("diff", first, last)
    assert (table.returncode, table.stderr) == (0, "")
    lines = [line.split() for line in table.stdout.splitlines()]
    assert ["1", "0", "0", "15", "0", "0"] in lines
    assert "[bold]50% [off]" in table.stdout
    assert "1,234.50" in table.stdout
    assert "and 5 more" in table.stdout

    done = command("diff", first, last, "--format", "csv", "--category", "shoes")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 16
    assert rows[1] == {
        "change": "cheaper",
        "product_id": "P14",
        "title": "Product P14",
        "category": "shoes",
        "currency": "INR",
        "old_price": "100.00",
        "new_price": "85.00",
        "percent": "-15.0",
    }

    done = command("diff", first, last, "--format", "json", "--limit", "2")
    report = json.loads(done.stdout)
    assert report["totals"] == dict.fromkeys(KINDS, 0) | {"new": 1, "cheaper": 15}
    assert [one["product_id"] for one in report["changes"]] == ["N", "P14", "P13"]
    assert report["from"]["snapshot"] == int(first)

    done = command("diff", first, "99")
    assert done.returncode == 2
    assert done.stderr.startswith("feedlake: the lake keeps no snapshot '99'")
