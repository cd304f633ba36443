"""The tables: one product schema in two places, and a comment on everything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from feeds.product.schema import PRODUCT_SCHEMA
from storage.lake import LakeFolder, open_for_reading, open_for_writing

Ask = Callable[..., list[tuple[Any, ...]]]

OF_THE_MIRROR = {
    "category",
    "feed",
    "feed_version",
    "record_source",
    "content_hash",
    "first_seen_at",
    "changed_at",
    "delisted_at",
}


@pytest.fixture
def empty_lake(lake: Path) -> Path:
    """Make a lake without data."""
    with open_for_writing(LakeFolder(lake)):
        pass
    return lake


def test_frame_and_table_agree(empty_lake: Path) -> None:
    """Every column of the frame is in the table under the same name and type, and no others."""
    frame = PRODUCT_SCHEMA.to_frame()
    with open_for_reading(LakeFolder(empty_lake)) as connection:
        connection.register("frame", frame)
        staged = dict(
            connection.execute(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * REPLACE "
                "(map_from_entries(image_urls) AS image_urls) FROM frame)"
            ).fetchall()
        )
        table = dict(
            connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = 'lake' AND table_name = 'products'"
            ).fetchall()
        )
    assert isinstance(frame, pl.DataFrame)
    assert table.keys() - OF_THE_MIRROR == staged.keys()
    assert {name: table[name] for name in staged} == staged


@pytest.mark.usefixtures("empty_lake")
def test_every_table_and_column_has_a_comment(ask: Ask) -> None:
    """Nothing in the lake is left unexplained."""
    bare = ask("""
        SELECT table_name, NULL FROM duckdb_tables()
        WHERE database_name = 'lake' AND coalesce(comment, '') = ''
        UNION ALL
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE database_name = 'lake' AND coalesce(comment, '') = ''
            AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake')
        UNION ALL
        SELECT view_name, NULL FROM duckdb_views()
        WHERE database_name = 'lake' AND coalesce(comment, '') = ''
    """)
    assert bare == []
    assert len(ask("SHOW TABLES")) >= 8


def test_a_lake_is_made_once(empty_lake: Path, ask: Ask) -> None:
    """Opening it again for writing adds no snapshot."""
    before = ask("SELECT max(snapshot_id) FROM lake.snapshots()")
    with open_for_writing(LakeFolder(empty_lake)):
        pass
    assert ask("SELECT max(snapshot_id) FROM lake.snapshots()") == before


def test_extensions_come_from_their_wheels(empty_lake: Path) -> None:
    """Nothing is downloaded at run time, and DuckDB would not if it were asked to."""
    with open_for_reading(LakeFolder(empty_lake)) as connection:
        settings = connection.execute(
            "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'"
        ).fetchall()
        loaded = connection.execute(
            "SELECT install_path FROM duckdb_extensions() WHERE extension_name = 'ducklake'"
        ).fetchall()
    assert {value for _, value in settings} == {"false"}
    assert loaded
    assert isinstance(connection, duckdb.DuckDBPyConnection)


def test_the_first_connection_of_a_process_checks_signatures() -> None:
    """Later ones load the very files that were checked, without hashing them again."""
    code = (
        "from storage.engine import connect\n"
        "ask = \"SELECT current_setting('allow_unsigned_extensions')\"\n"
        "print([connect().execute(ask).fetchone()[0] for _ in range(2)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[False, True]\n"
