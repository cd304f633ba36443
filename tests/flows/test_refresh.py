"""Refreshing from a sandbox that lives through days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.mirror import Mirror

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

OPEN = Rules(quota=0)


def files_of(lake: Path) -> set[Path]:
    """Return the data files of a lake."""
    return set((lake / "data").rglob("*.parquet"))


def truth_of(sandbox: Sandbox) -> dict[str, tuple[Decimal | None, bool]]:
    """Return selling price and stock by product id, as the sandbox has them now."""
    truth = {}
    for category in sandbox.versions():
        for record in sandbox.truth(category):
            base = record["productBaseInfoV1"]
            selling = base["flipkartSellingPrice"]
            price = (
                None
                if selling is None
                else Decimal(str(selling["amount"])).quantize(Decimal("0.01"))
            )
            truth[base["productId"]] = (price, base["inStock"])
    return truth


def mirrored(ask: Ask, at: int | None = None) -> dict[str, tuple[Decimal | None, bool]]:
    """Return the same of the available products in the lake."""
    rows = ask("SELECT product_id, selling_price, in_stock FROM products WHERE is_available", at)
    return {row[0]: row[1:] for row in rows}


def test_a_full_mirror_holds_the_catalogue(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask
) -> None:
    """One row a product, at the upstream's versions, with the chain of pages as proof."""
    rows = refresh(small_sandbox)
    assert truth_of(small_sandbox) == mirrored(ask)
    assert small_sandbox.versions() == {name: row.to_version for name, row in rows.items()}
    broken = ask("""
        SELECT page.refresh_id, page.page_number
        FROM walk_pages AS page
        LEFT JOIN walk_pages AS following
            ON following.refresh_id = page.refresh_id
            AND following.page_number = page.page_number + 1
        WHERE page.next_cursor IS DISTINCT FROM following.cursor
    """)
    assert broken == []


def test_nothing_new_costs_one_request_a_category(refresh: Refresh, ask: Ask, lake: Path) -> None:
    """A second run asks each category's version and writes no data file and no history."""
    with Sandbox(products=1500, categories=3, rules=OPEN) as sandbox:
        refresh(sandbox)
        files, history = files_of(lake), ask("SELECT count(*) FROM price_history")
        before = sandbox.stats()["requests"]
        rows = refresh(sandbox)
        assert sandbox.stats()["requests"] - before == 1 + 3
    assert {row.mode for row in rows.values()} == {"skip"}
    assert files_of(lake) == files
    assert ask("SELECT count(*) FROM price_history") == history


def test_a_day_writes_only_what_changed(refresh: Refresh, ask: Ask) -> None:
    """After a day: changed rows, their history and nothing else; yesterday stays readable."""
    with Sandbox(products=3000, categories=3, rules=OPEN) as sandbox:
        refresh(sandbox)
        yesterday = truth_of(sandbox)
        ((snapshot,),) = ask("SELECT id FROM lake.current_snapshot()")
        sandbox.next_day()
        today = truth_of(sandbox)
        rows = refresh(sandbox)
        versions = sandbox.versions()
    gone = yesterday.keys() - today.keys()
    new = today.keys() - yesterday.keys()
    moved = {one for one in today.keys() & yesterday.keys() if today[one] != yesterday[one]}
    assert {row.mode for row in rows.values()} <= {"delta", "skip"}
    assert gone
    assert new
    assert moved
    assert mirrored(ask) == today
    assert mirrored(ask, snapshot) == yesterday
    assert {name: row.to_version for name, row in rows.items()} == versions
    assert sum(row.new_count for row in rows.values()) == len(new)
    assert sum(row.delisted_count for row in rows.values()) == len(gone)

    history = ask("""
        SELECT product_id, is_available FROM price_history
        WHERE refresh_id IN (SELECT refresh_id FROM refreshes WHERE mode = 'delta')
    """)
    assert {one for one, available in history if not available} == gone
    assert {one for one, available in history if available} >= new | moved
    written = ask(f"""
        SELECT DISTINCT product_id
        FROM lake.table_changes('products', {snapshot + 1}, {_current(ask)})
    """)
    changed = sum(row.new_count + row.changed_count + row.delisted_count for row in rows.values())
    assert len(written) == changed
    unavailable = ask(
        "SELECT product_id FROM products WHERE NOT is_available AND delisted_at IS NOT NULL"
    )
    assert {one for (one,) in unavailable} == gone


def test_a_month_of_deltas_is_a_full_mirror(refresh: Refresh, ask: Ask, tmp_path: Path) -> None:
    """The base and ten days of deltas hold what a fresh full mirror holds."""
    columns = "product_id, title, selling_price, special_price, in_stock, specifications, offers"
    with Sandbox(products=1200, categories=3, rules=OPEN) as sandbox:
        refresh(sandbox)
        for _ in range(10):
            sandbox.next_day()
            refresh(sandbox)
        refresh(sandbox, into=tmp_path / "fresh")
    query = f"SELECT {columns} FROM products WHERE is_available ORDER BY product_id"
    assert ask(query) == ask(query, of=tmp_path / "fresh")


def test_a_full_walk_writes_nothing_for_unchanged_products(
    refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Walking everything again finds everything as it was."""
    with Sandbox(products=1500, categories=3, rules=OPEN) as sandbox:
        refresh(sandbox)
        files = files_of(lake)
        rows = refresh(sandbox, full=True)
    assert [(row.mode, row.new_count, row.changed_count) for row in rows.values()] == [
        ("full", 0, 0)
    ] * 3
    assert files_of(lake) == files
    assert ask("SELECT count(*) FROM category_versions") == [(3,)]


def test_a_full_walk_finds_what_a_day_changed(refresh: Refresh, ask: Ask) -> None:
    """Changes, arrivals and departures show in a full walk as in a delta."""
    with Sandbox(products=1500, categories=3, rules=OPEN) as sandbox:
        refresh(sandbox)
        sandbox.next_day()
        rows = refresh(sandbox, full=True)
        assert mirrored(ask) == truth_of(sandbox)
    assert sum(row.delisted_count for row in rows.values()) > 0


def test_a_change_during_the_walk_is_in_the_next_delta(refresh: Refresh, ask: Ask) -> None:
    """The version is read before the walk starts: what changes behind its back is not lost."""
    with Sandbox(products=2000, categories=2, page_size=50, rules=OPEN) as sandbox:

        async def a_day_passes(mirror: Mirror) -> None:
            while mirror.progress.pages < 8:  # noqa: ASYNC110 - the mirror tells nobody
                await asyncio.sleep(0.005)
            await asyncio.to_thread(sandbox.next_day)

        started_at = sandbox.versions()
        rows = refresh(sandbox, during=a_day_passes)
        assert {name: row.to_version for name, row in rows.items()} == started_at
        assert mirrored(ask) != truth_of(sandbox)
        assert {row.mode for row in refresh(sandbox).values()} <= {"delta", "skip"}
        assert mirrored(ask) == truth_of(sandbox)


def test_a_version_that_went_down_means_a_full_walk(refresh: Refresh, ask: Ask) -> None:
    """An upstream reset cannot be followed by its deltas."""
    with Sandbox(products=1000, categories=2, rules=OPEN) as sandbox:
        refresh(sandbox)
        sandbox.next_day()
        category = next(iter(sandbox.versions()))
        sandbox.reset_version(category)
        rows = refresh(sandbox)
        assert rows[category].mode == "full"
        assert mirrored(ask) == truth_of(sandbox)
        assert ask(f"SELECT version FROM category_status WHERE category = '{category}'") == [
            (sandbox.versions()[category],)
        ]


def test_expired_links_are_read_anew(refresh: Refresh, ask: Ask) -> None:
    """Links that live for a moment only cost a new directory, not the walk."""
    rules = Rules(quota=0, url_life_seconds=0.4, latency_seconds=0.12)
    with Sandbox(products=1000, categories=2, page_size=100, rules=rules) as sandbox:
        rows = refresh(sandbox)
        assert mirrored(ask) == truth_of(sandbox)
    assert {row.status for row in rows.values()} == {"done"}


def test_each_commit_names_its_refresh(small_sandbox: Sandbox, refresh: Refresh, ask: Ask) -> None:
    """The lake's own log says which refresh made a snapshot."""
    rows = refresh(small_sandbox)
    messages = ask("SELECT commit_message, commit_extra_info FROM lake.snapshots() ORDER BY 1")
    for row in rows.values():
        expected = (f"refresh {row.category} (full)", f'{{"refresh_id":"{row.refresh_id}"}}')
        assert expected in messages


def _current(ask: Ask) -> int:
    ((snapshot,),) = ask("SELECT id FROM lake.current_snapshot()")
    return int(snapshot)
