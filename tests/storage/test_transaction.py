"""What fails in the middle is undone, and the same connection goes on."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from feeds.page import decode_page
from feeds.product.source import CARRIED_BY
from flows.staged_walk import read_page
from storage.alerts.memory import AlertMemory, Found, SeenRule, open_memory
from storage.commit import Source, commit_walk
from storage.comparison import compare_walk
from storage.definitions import renew_definitions
from storage.errors import LakeUnreadableError
from storage.guard import Guards
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import RefreshRow, record_refreshes
from storage.repair import repair_walk
from storage.rollback import roll_back
from storage.staging import StagedWalk, Staging, WalkPlan
from tests.conftest import ROOT
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Work = Callable[[duckdb.DuckDBPyConnection, StagedWalk], Any]

SOURCE = Source("v1.1.0 json", CARRIED_BY)
NOW = datetime.now(UTC)
SKIPPED = RefreshRow("skipped", "run", "shoes", "product", "skip", "done", 1, 1, NOW, NOW)


@pytest.fixture
def connection(made_lake: Path, lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold a lake without data for writing."""
    shutil.copytree(made_lake, lake)
    with open_for_writing(LakeFolder(lake)) as held:
        yield held


@pytest.fixture
def walk(lake: Path) -> StagedWalk:
    """Return a staged walk of one product, and of one record that is rejected."""
    plan = WalkPlan(
        refresh_id="walk",
        run_id="run",
        category="shoes",
        feed="product",
        mode="full",
        from_version=None,
        to_version=1,
        started_at=datetime.now(UTC),
        path="/",
        record_source=SOURCE.name,
        carried=SOURCE.carried,
    )
    body = json.dumps({"products": [record("A"), record("bad", inStock="perhaps")]})
    staged = Staging(LakeFolder(lake).staging).begin(plan)
    staged.add(read_page(decode_page(body.encode()), number=1, path="/", cursor="1"))
    return staged


def renew(connection: duckdb.DuckDBPyConnection, _: StagedWalk) -> None:
    """Write the views anew, as after a new release."""
    connection.execute("CREATE OR REPLACE MACRO definitions_hash() AS 'of an earlier release'")
    renew_definitions(connection)


@pytest.mark.parametrize(
    ("work", "lost"),
    [
        (lambda lake, _: record_refreshes(lake, [SKIPPED]), "refreshes"),
        (lambda lake, walk: commit_walk(lake, walk, SOURCE), "rejected_records"),
        (lambda lake, walk: commit_walk(lake, walk, SOURCE), "walk_pages"),
        (lambda lake, walk: repair_walk(lake, walk, SOURCE, Guards()), "walk_pages"),
        (lambda lake, walk: compare_walk(lake, walk, SOURCE), "product_categories"),
        (renew, "top_products"),
    ],
)
def test_what_failed_is_undone_and_done_again(
    connection: duckdb.DuckDBPyConnection, walk: StagedWalk, work: Work, lost: str
) -> None:
    """A table that is lost ends it in the middle; once it is back, the same call succeeds."""
    connection.execute(f"ALTER TABLE {lost} RENAME TO elsewhere")
    for _ in range(2):
        with pytest.raises(duckdb.CatalogException, match=lost):
            work(connection, walk)
    connection.execute(f"ALTER TABLE elsewhere RENAME TO {lost}")
    for table in ("products", "price_history", "refreshes", "category_versions"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    work(connection, walk)


def test_a_rollback_that_failed_is_done_again(lake: Path, refresh: Refresh, ask: Ask) -> None:
    """Nothing of it is left when its row cannot be written."""
    with Scripted() as shop:
        shop.page(None, record("A", 10))
        refresh(shop)
        ((first,),) = ask("SELECT id FROM lake.current_snapshot()")
        shop.page(None, record("A", 20))
        refresh(shop, full=True)
    folder = LakeFolder(lake)
    with open_for_writing(folder) as connection:
        connection.execute("ALTER TABLE refreshes RENAME TO elsewhere")
    with pytest.raises(LakeUnreadableError, match="nothing was changed"):
        roll_back(folder, "shoes", str(first))
    with open_for_writing(folder) as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO refreshes")
    assert ask("SELECT selling_price::DOUBLE FROM products") == [(20,)]
    assert roll_back(folder, "shoes", str(first)).changed_count == 1
    assert ask("SELECT selling_price::DOUBLE FROM products") == [(10,)]


BAD: Any = object()
FOUND = Found("drops", SeenRule("drop", 1), is_new=True, marks={"A": b"mark"})


@pytest.mark.parametrize(
    "work",
    [
        lambda memory: memory.record("lake", [FOUND], {"event": BAD}),
        lambda memory: memory.cross_out(["first", BAD]),
        lambda memory: memory.count_refusals(["first", BAD], 1),
        lambda memory: memory.forget(BAD),
    ],
)
def test_what_alert_rules_remember(lake: Path, work: Callable[[AlertMemory], Any]) -> None:
    """A value that SQLite does not take undoes what was written before it."""
    lake.mkdir()
    with open_memory(lake) as memory:
        memory.record("lake", [], {"first": b"1"})
        for _ in range(2):
            with pytest.raises(sqlite3.Error):
                work(memory)
        assert memory.owed() == [("first", b"1")]
        assert memory.of_lake("lake") == {}
        memory.record("lake", [FOUND], {"second": b"2"})
        memory.cross_out(["first"])
        assert memory.owed() == [("second", b"2")]
        assert memory.forget("drops")


def test_nothing_else_begins_a_transaction() -> None:
    """Who begins one by hand leaves it open when something fails."""
    by_hand = re.compile(
        r"""["'](?:BEGIN|COMMIT|ROLLBACK)|\.(?:commit|rollback)\(\)|with self\._connection\b"""
    )
    found = [
        str(file.relative_to(ROOT))
        for folder in ("feeds", "flows", "storage")
        for file in (ROOT / folder).rglob("*.py")
        if by_hand.search(file.read_text())
    ]
    assert found == ["storage/transaction.py"]
