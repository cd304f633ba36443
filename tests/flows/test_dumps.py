"""Dumps from an upstream whose clocks are wrong, and one without a row."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest

from flows.feed import Feed
from storage.checks import check_lake
from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

DUMP = {"feeds": (Feed.DUMP,)}
PRICES = "SELECT product_id, selling_price::DOUBLE FROM products ORDER BY product_id"
FAR = datetime(2099, 12, 31, tzinfo=UTC)


def zipped(member: datetime, *rows: str) -> bytes:
    """Return a dump whose member says that it is of this time."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        lines = ["productId,title,mrp,sellingPrice,specialPrice,inStock", *rows, ""]
        archive.writestr(ZipInfo("osp.csv", member.timetuple()[:6]), "\n".join(lines))
    return file.getvalue()


def broken(lake: Path) -> list[str]:
    """Return the checks that fail."""
    return [one.name for one in check_lake(LakeFolder(lake)) if not one.holds]


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve one shoe."""
    with Scripted() as scripted:
        scripted.page(None, record("A", 450))
        yield scripted


@pytest.mark.parametrize("has_modified", [True, False])
@pytest.mark.parametrize("member_hours", [4.5, 700_000.0, -400_000.0])
def test_an_old_price_is_no_news(
    shop: Scripted,
    refresh: Refresh,
    ask: Ask,
    lake: Path,
    *,
    has_modified: bool,
    member_hours: float,
) -> None:
    """A dump of an hour ago, whose zip names another time, overwrites nothing seen since."""
    refresh(shop)
    now = datetime.now(UTC)
    modified = now - timedelta(hours=1) if has_modified else None
    member = max(now + timedelta(hours=member_hours), datetime(1980, 1, 1, tzinfo=UTC))
    shop.dump(zipped(min(member, FAR), "A,Words,999,700,700,true"), modified)
    assert refresh(shop, **DUMP)["shoes"].status == "done"
    assert ask(PRICES) == [("A", 450)]
    shop.version(2)
    shop.delta(1, record("A", 440))
    refresh(shop)
    assert ask(PRICES) == [("A", 440)]
    assert broken(lake) == []


def test_a_dump_of_the_future_blocks_no_later_one(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Neither one that comes now nor one that an earlier release believed."""
    shop.dump(zipped(FAR, "A,Words,999,700,700,true"))
    refresh(shop, **DUMP)
    with open_for_writing(LakeFolder(lake)) as connection:
        for changed in (
            "walk_pages SET fetched_at = '2099-12-31'",
            "products SET changed_at = '2099-12-31'",
            "price_history SET observed_at = '2099-12-31'",
        ):
            connection.execute(f"UPDATE {changed}")
    assert broken(lake) == ["times_are_past"]
    now = datetime.now(UTC)
    shop.dump(zipped(now, "A,Words,999,650,650,true"), modified=now)
    row = refresh(shop, **DUMP)["shoes"]
    assert (row.mode, row.changed_count) == ("dump", 1)
    assert ask(PRICES) == [("A", 650)]


def test_a_dump_without_rows_is_done(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """It has no rows, its day is remembered, and nothing leaves."""
    refresh(shop)
    day = datetime.now(UTC) - timedelta(hours=2)
    shop.dump(zipped(day), modified=day)
    row = refresh(shop, **DUMP)["shoes"]
    assert (row.status, row.mode, row.seen_count, row.delisted_count) == ("done", "dump", 0, 0)
    assert refresh(shop, **DUMP)["shoes"].mode == "skip"
    assert ask("SELECT product_id, is_available FROM products") == [("A", True)]
    assert broken(lake) == []


def test_a_dump_without_rows_can_be_the_first_mirror(
    shop: Scripted, refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """The lake has no product then."""
    shop.dump(zipped(datetime.now(UTC)), modified=datetime.now(UTC))
    assert refresh(shop, **DUMP)["shoes"].status == "done"
    assert ask("SELECT count(*) FROM products") == [(0,)]
    assert broken(lake) == []
