"""A dump is dated: newer than the mirror it overwrites, older it only fills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from feeds.product.schema import FRAME_SCHEMA
from storage.checks import check_lake
from storage.commit import Source, commit_walk
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import RefreshRow
from storage.staging import ReadPage, StagedPage, Staging, WalkPlan
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
MergeDump = Callable[..., RefreshRow]

CARRIED = (
    "product_id",
    "title",
    "description",
    "currency",
    "mrp",
    "selling_price",
    "special_price",
    "in_stock",
    "is_available",
)
NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(days=30)


def row(product_id: str, price: float, **other: Any) -> dict[str, Any]:
    """Return a dump's row."""
    return {
        "product_id": product_id,
        "title": f"Product {product_id}",
        "currency": "INR",
        "mrp": 999,
        "selling_price": price,
        "special_price": price,
        "in_stock": True,
        "is_available": True,
    } | other


@pytest.fixture
def merge_dump(lake: Path) -> MergeDump:
    """Return what merges rows as a dump of `shoes` of some day."""

    def merge(dated_at: datetime, *rows: dict[str, Any]) -> RefreshRow:
        plan = WalkPlan(
            refresh_id=f"dump-{dated_at.isoformat()}",
            run_id="run",
            category="shoes",
            feed="dump",
            mode="dump",
            from_version=None,
            to_version=None,
            started_at=datetime.now(UTC),
            path="/dump",
            record_source="v1.1.0 csv",
            carried=CARRIED,
        )
        known = FRAME_SCHEMA.to_frame()
        numbered = [{"record_number": number, **one} for number, one in enumerate(rows)]
        names = [name for name in FRAME_SCHEMA if any(name in one for one in numbered)]
        made = pl.DataFrame(numbered, schema_overrides={name: FRAME_SCHEMA[name] for name in names})
        frame = pl.concat([known, made], how="diagonal").select(known.columns)
        page = StagedPage(1, "1", None, None, None, len(rows), 0, 0, "", dated_at, "/dump")
        folder = LakeFolder(lake)
        with open_for_writing(folder) as connection:
            staged = Staging(folder.staging).open(plan)
            staged.add(ReadPage(page, frame))
            merged = commit_walk(connection, staged, Source("v1.1.0 csv", {"v1.1.0 csv": CARRIED}))
            staged.discard()
        return merged

    return merge


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve two shoes."""
    with Scripted() as scripted:
        scripted.page(None, record("A", 10), record("B", 20, productBrand="Acme"))
        yield scripted


PRODUCTS = (
    "SELECT product_id, selling_price::DOUBLE, description, is_available, delisted_at IS NULL "
    "FROM products ORDER BY product_id"
)


def test_a_dump_can_be_the_first_mirror(merge_dump: MergeDump, ask: Ask) -> None:
    """Its products are new on the dump's day, and listed in its category."""
    merged = merge_dump(EARLIER, row("A", 10), row("B", 20))
    assert (merged.new_count, merged.changed_count) == (2, 0)
    assert ask("SELECT DISTINCT first_seen_at, feed, category FROM products") == [
        (EARLIER, "dump", "shoes")
    ]
    assert ask("SELECT count(*) FROM product_categories WHERE category = 'shoes'") == [(2,)]
    assert ask("SELECT DISTINCT observed_at FROM price_history") == [(EARLIER,)]
    assert ask("SELECT count(*) FROM category_versions") == [(0,)]


def test_a_newer_dump_overwrites_what_it_carries(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """Prices move with history on the dump's day; columns it does not carry stay."""
    refresh(upstream)
    later = datetime.now(UTC)
    merged = merge_dump(later, row("A", 10), row("B", 19), row("C", 5))
    assert (merged.new_count, merged.changed_count) == (1, 1)
    assert ask(PRODUCTS) == [
        ("A", 10, None, True, True),
        ("B", 19, None, True, True),
        ("C", 5, None, True, True),
    ]
    assert ask("SELECT brand, record_source FROM products WHERE product_id = 'B'") == [
        ("Acme", "v1.1.0 csv")
    ]
    last = "SELECT product_id, selling_price::DOUBLE FROM price_history WHERE observed_at = ?"
    assert ask(last.replace("?", f"'{later.isoformat()}'::TIMESTAMPTZ") + " ORDER BY 1") == [
        ("B", 19),
        ("C", 5),
    ]


def test_what_a_dump_does_not_say_is_available_is_listed(
    refresh: Refresh,
    upstream: Scripted,
    merge_dump: MergeDump,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some dumps have no such column: what they change or bring is listed all the same."""
    monkeypatch.setitem(globals(), "CARRIED", tuple(set(CARRIED) - {"is_available"}))
    refresh(upstream)
    merged = merge_dump(
        datetime.now(UTC), row("A", 11, is_available=None), row("C", 5, is_available=None)
    )
    assert (merged.new_count, merged.changed_count) == (1, 1)
    assert ask("SELECT product_id, is_available FROM products ORDER BY product_id") == [
        ("A", True),
        ("B", True),
        ("C", True),
    ]


def test_an_older_dump_fills_and_overwrites_nothing(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """A description that the feed lacks is filled; the price of then is not the price of now."""
    refresh(upstream)
    history = ask("SELECT count(*) FROM price_history")
    merged = merge_dump(EARLIER, row("A", 7, description="Old words"), row("B", 20, title="Other"))
    assert (merged.new_count, merged.changed_count) == (0, 1)
    assert ask(PRODUCTS) == [
        ("A", 10, "Old words", True, True),
        ("B", 20, None, True, True),
    ]
    assert ask("SELECT title FROM products ORDER BY product_id") == [("Product A",), ("Product B",)]
    assert ask("SELECT count(*) FROM price_history") == history
    assert merge_dump(EARLIER + timedelta(days=1), row("A", 7, description="x")).changed_count == 0


def test_what_an_older_dump_alone_knows_is_gone(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """The mirror's own walk did not list it since: it is kept, and not available."""
    refresh(upstream)
    merge_dump(EARLIER, row("Z", 5))
    assert ask(PRODUCTS)[-1] == ("Z", 5, None, False, False)
    assert ask("SELECT count(*) FROM product_categories WHERE product_id = 'Z'") == [(0,)]


def test_a_dump_delists_nothing(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """What it lacks may be in the feed all the same."""
    refresh(upstream)
    assert merge_dump(datetime.now(UTC), row("A", 10)).delisted_count == 0
    assert ask("SELECT count(*) FROM products WHERE is_available") == [(2,)]


def test_the_same_content_by_another_way_is_no_change(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """A newer dump that says what the feed said writes no product and no history."""
    refresh(upstream)
    before = ask("SELECT product_id, changed_at, record_source FROM products ORDER BY 1")
    merged = merge_dump(datetime.now(UTC), row("A", 10), row("B", 20))
    assert (merged.new_count, merged.changed_count) == (0, 0)
    assert ask("SELECT product_id, changed_at, record_source FROM products ORDER BY 1") == before


def test_a_row_that_says_that_its_product_has_gone(
    upstream: Scripted, refresh: Refresh, merge_dump: MergeDump, ask: Ask
) -> None:
    """A newer dump delists by it and stores nothing new; an older one only fills."""
    refresh(upstream)
    gone = {"is_available": False}
    older = merge_dump(EARLIER, row("A", 7, description="Old words", **gone))
    assert (older.changed_count, older.delisted_count) == (1, 0)
    assert ask(PRODUCTS)[0] == ("A", 10, "Old words", True, True)
    newer = merge_dump(datetime.now(UTC), row("A", 7, **gone), row("B", 20), row("N", 1, **gone))
    assert (newer.new_count, newer.changed_count, newer.delisted_count) == (0, 0, 1)
    assert ask(PRODUCTS) == [
        ("A", 10, "Old words", False, False),
        ("B", 20, None, True, True),
    ]
    listed = "SELECT product_id FROM product_categories WHERE delisted_at IS NULL"
    assert ask(listed) == [("B",)]


def test_a_dump_brings_back_what_it_lists(
    upstream: Scripted,
    refresh: Refresh,
    merge_dump: MergeDump,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    *,
    lake: Path,
) -> None:
    """A product that returns is in the category again, though the dump lacks `isAvailable`."""
    refresh(upstream)
    upstream.page(None, record("A", 10))
    refresh(upstream, full=True)
    monkeypatch.setitem(globals(), "CARRIED", tuple(set(CARRIED) - {"is_available"}))
    rows = (row(one, price, is_available=None) for one, price in (("A", 10), ("B", 20)))
    assert merge_dump(datetime.now(UTC), *rows).changed_count == 1
    assert ask("SELECT product_id, is_available FROM products ORDER BY 1") == [
        ("A", True),
        ("B", True),
    ]
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []
