"""What is staged of a walk, and when it serves the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import duckdb
import polars as pl

from storage.staging import ReadPage, StagedPage, StagedWalk, Staging, WalkPlan

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def plan(*carried: str) -> WalkPlan:
    """Return the plan of a walk whose records are hashed by some columns."""
    return WalkPlan("r", "run", "shoes", "product", "full", None, 1, NOW, "/first", "x", carried)


def add(walk: StagedWalk, frame: pl.DataFrame, number: int = 1) -> None:
    """Stage one page."""
    page = StagedPage(number, "c", "d", "/next", None, frame.height, 0, 0, "", NOW, f"/{number}")
    walk.add(ReadPage(page, frame))


def test_a_walk_hashed_by_other_columns_is_walked_anew(tmp_path: Path) -> None:
    """As one that another release staged: its hashes would make every product look changed."""
    staging = Staging(tmp_path)
    add(staging.open(plan("product_id", "title")), pl.DataFrame({"product_id": "A", "title": "B"}))
    assert len(staging.open(plan("product_id", "title")).pages) == 1
    assert staging.open(plan("product_id", "title", "brand")).pages == []


def test_a_walk_of_a_release_that_did_not_hash_is_walked_anew(tmp_path: Path) -> None:
    """Its plan does not say what is hashed."""
    staging = Staging(tmp_path)
    add(staging.open(plan("product_id")), pl.DataFrame({"product_id": "A"}))
    (kept,) = tmp_path.glob("walk-*/walk.json")
    kept.write_text(kept.read_text().replace('"carried"', '"before"'))
    assert staging.open(plan("product_id")).pages == []


def test_pages_that_are_staged_at_once_are_hashed_as_one_by_one(tmp_path: Path) -> None:
    """Each thread hashes its own page; the hash is DuckDB's, of the source and what it carries."""
    frames = [
        pl.DataFrame({"product_id": [f"{number}-{row}" for row in range(200)], "noise": number})
        for number in range(1, 9)
    ]
    walk = Staging(tmp_path).begin(plan("product_id"))
    threads = [
        Thread(target=add, args=(walk, frame, number))
        for number, frame in enumerate(frames, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    query = "SELECT count(*), bool_and(content_hash = hash('x', product_id)) FROM read_parquet(?)"
    assert duckdb.execute(query, [walk.page_files]).fetchall() == [(1600, True)]
