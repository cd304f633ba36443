"""One catalogue, every way: the same product whichever way it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.product.source import CARRIED_BY, V0_JSON, V0_XML, V1_JSON, V1_XML
from feeds.product.v0_csv import CARRIED_BY_V0_DUMP
from feeds.product.v1_csv import CARRIED_BY_V1_DUMP
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from storage.engine import quoted
from storage.lake import LakeFolder, open_for_reading

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

OPEN = Rules(quota=0, misquoted_every=0, stray_byte_every=0)
WAYS: dict[str, dict[str, str]] = {
    V1_JSON: {},
    V1_XML: {"format": "xml"},
    V0_JSON: {"api_version": "v0.1.0"},
    V0_XML: {"api_version": "v0.1.0", "format": "xml"},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a catalogue whose every oddity is in a few hundred products."""
    with Sandbox(products=900, categories=3, rules=OPEN) as running:
        yield running


def carried_by(source: str) -> set[str]:
    """Return the columns that a source carries."""
    dumps = {"v1.1.0 csv": CARRIED_BY_V1_DUMP, "v0.1.0 csv": CARRIED_BY_V0_DUMP}
    return set((CARRIED_BY | dumps)[source])


def comparable(name: str) -> str:
    """Return SQL for a column's value as every way can spell it.

    A map has no order, and XML can hold no control characters.
    """
    if name == "image_urls":
        return "list_sort(map_entries(image_urls))"
    if name in {"title", "description"}:
        return f"regexp_replace({name}, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]', '', 'g')"
    return f'"{name}"'


def differing_rows(one: Path, other: Path, columns: list[str]) -> list[tuple[Any, ...]]:
    """Return id, column and both values wherever two lakes differ, the available products only."""
    with open_for_reading(LakeFolder(one)) as connection:
        catalog = quoted(LakeFolder(other).catalog)
        connection.execute(f"ATTACH 'ducklake:sqlite:{catalog}' AS other (READ_ONLY)")
        rows: list[tuple[Any, ...]] = []
        for name in columns:
            rows += connection.execute(f"""
                SELECT product_id, '{name}', one.value, other.value
                FROM (SELECT product_id, {comparable(name)} AS value FROM lake.products) AS one
                FULL JOIN (
                    SELECT product_id, {comparable(name)} AS value FROM other.products
                ) AS other USING (product_id)
                WHERE one.value IS DISTINCT FROM other.value
                ORDER BY 1
                LIMIT 3
            """).fetchall()
    return rows


@pytest.mark.parametrize("source", [V1_XML, V0_JSON, V0_XML, "v1.1.0 csv", "v0.1.0 csv"])
def test_every_way_gives_the_same_products(
    sandbox: Sandbox, refresh: Refresh, tmp_path: Path, source: str
) -> None:
    """Mirrored by JSON and by another way, the columns that both carry are equal."""
    refresh(sandbox, into=tmp_path / "json")
    if source in WAYS:
        refresh(sandbox, into=tmp_path / "other", **WAYS[source])
    else:
        version = source.split(maxsplit=1)[0]
        refresh(sandbox, into=tmp_path / "other", feeds=(Feed.DUMP,), api_version=version)
    both = carried_by(source) & set(CARRIED_BY[V1_JSON])
    rows = differing_rows(tmp_path / "json", tmp_path / "other", sorted(both))
    assert rows == []
    assert len(both) > 15
    with open_for_reading(LakeFolder(tmp_path / "other")) as connection:
        found = connection.execute("SELECT DISTINCT record_source FROM products").fetchall()
    assert found == [(source,)]


def test_other_ways_leave_what_only_json_carries(
    refresh: Refresh, ask: Ask, tmp_path: Path
) -> None:
    """JSON, then XML, then a dump, each on a later day: nothing that they lack is blanked."""
    with Sandbox(products=600, categories=2, rules=OPEN) as day:
        refresh(day)
        before = ask("SELECT product_id, specifications FROM products ORDER BY 1")
        day.next_day()
        rows = refresh(day, full=True, format="xml")
        assert sum(row.changed_count for row in rows.values()) > 0
        refresh(day, into=tmp_path / "json")
        after: dict[str, Any] = dict(ask("SELECT product_id, specifications FROM products"))
    assert {one: after[one] for one, _ in before} == dict(before)
    assert any(after.values())


def test_the_same_by_another_way_is_no_change(sandbox: Sandbox, refresh: Refresh, ask: Ask) -> None:
    """Walking by XML what was mirrored by JSON writes no product but what XML cannot spell."""
    refresh(sandbox)
    control = (
        "count(*) FILTER (regexp_matches(concat_ws(' ', title, description), '[\\x00-\\x08]'))"
    )
    ((unspeakable,),) = ask(f"SELECT {control} FROM products")
    rows = refresh(sandbox, full=True, format="xml")
    assert {(row.mode, row.new_count) for row in rows.values()} == {("full", 0)}
    assert sum(row.changed_count for row in rows.values()) == unspeakable < 5
    rows = refresh(sandbox, full=True, api_version="v0.1.0")
    assert sum(row.new_count for row in rows.values()) == 0


@pytest.mark.parametrize("source", [V1_JSON, V1_XML, V0_JSON, V0_XML])
def test_a_product_looked_up_is_the_same(
    sandbox: Sandbox, refresh: Refresh, ask: Ask, source: str
) -> None:
    """The look-up of a mirrored product says what the mirror has, in every version and format."""
    import asyncio

    from feeds.budget import Budget
    from feeds.client import Client
    from feeds.dialect import DIALECTS
    from feeds.lookup import look_up

    refresh(sandbox)
    ids = [one for (one,) in ask("SELECT product_id FROM products ORDER BY 1 LIMIT 40")]
    carried = set(CARRIED_BY[V1_JSON]) & set(CARRIED_BY[source]) - {"is_available"}
    columns = ["product_id", *sorted(carried - {"product_id"})]
    version, extension = source.split()

    async def look() -> dict[str, dict[str, Any]]:
        budget = Budget(0)
        async with Client(
            sandbox.url, sandbox.affiliate_id, sandbox.token, budget=budget
        ) as client:
            pages = [await look_up(client, one, DIALECTS[version, extension]) for one in ids]
        return {row["product_id"]: row for page in pages if page for row in page.frame.to_dicts()}

    found = asyncio.run(look())
    names = ", ".join(f'"{name}"' for name in columns)
    rows = ask(f"SELECT {names} FROM products WHERE product_id IN {tuple(ids)}")
    for row in rows:
        mirrored = dict(zip(columns, row, strict=True))
        looked_up = {name: found[mirrored["product_id"]][name] for name in columns}
        if looked_up.get("image_urls"):
            looked_up["image_urls"] = {one["key"]: one["value"] for one in looked_up["image_urls"]}
        assert looked_up == mirrored
    assert len(rows) == 40


def test_faulty_rows_of_a_dump_are_mended_or_kept_with_their_line(
    refresh: Refresh, ask: Ask
) -> None:
    """With every 40th row misquoted, each is right in `products` or named by line; none is lost."""
    rules = Rules(quota=0, misquoted_every=40, stray_byte_every=0)
    with Sandbox(products=1200, categories=1, rules=rules) as sandbox:
        (row,) = refresh(sandbox, feeds=(Feed.DUMP,), max_rejects="100%").values()
        truth = {one["productBaseInfoV1"]["productId"] for one in sandbox.truth(row.category)}
    rejects = ask("SELECT reason, line FROM rejected_records WHERE feed = 'dump'")
    mirrored = {one for (one,) in ask("SELECT product_id FROM products")}
    assert len(rejects) == row.rejected_count > 0
    assert all(line > 1 for _, line in rejects)
    assert mirrored <= truth
    assert len(truth - mirrored) <= len(rejects)
    assert row.seen_count - row.rejected_count >= row.new_count == len(mirrored)


def test_books_alone_ask_for_no_dump(refresh: Refresh) -> None:
    """The tree of books has none: `refresh books --feed dump` is not a wish for all dumps."""
    with Sandbox(products=40, categories=2, books=3, rules=OPEN) as sandbox:
        both = refresh(sandbox, "books", feeds=(Feed.BOOKS, Feed.DUMP))
    assert list(both) == ["books"]
