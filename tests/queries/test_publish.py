"""`feedlake publish`: every table as Parquet, a catalogue of views, swapped in whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import app
from storage.errors import (
    LakeCatalogueError,
    LakeMissingError,
    NotAPublicationError,
    PublicationBusyError,
)
from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.lock import writer_lock
from storage.publish import publish

DAY, NOTHING = timedelta(days=1), timedelta(0)
VIEWS = (
    "category_status",
    "price_changes",
    "price_stats",
    "top_movers",
    "bestselling_books",
    "brand_summary",
    "specification_values",
    "deals(10)",
    "price_drops(7)",
    "restocked(7)",
    "new_products(7)",
    "gone_products(7)",
    "deal_links(10, 'me')",
)


@pytest.fixture(scope="module")
def published(month: LakeFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish the month once, for tests that only read it."""
    target = tmp_path_factory.mktemp("published") / "it's here"
    publish(month, target, DAY)
    return target


@pytest.fixture
def copied(month: LakeFolder, tmp_path: Path) -> LakeFolder:
    """Return a copy of the month's lake that a test may write to."""
    shutil.copytree(month.root, tmp_path / "lake")
    return LakeFolder(tmp_path / "lake")


@contextmanager
def plain_duckdb(catalogue: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the catalogue as any DuckDB does, with nothing to install or load."""
    config: dict[str, Any] = {
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(catalogue, read_only=True, config=config) as connection:
        yield connection


def counted(catalogue: Path) -> int:
    """Return how many products the catalogue shows."""
    with plain_duckdb(catalogue) as connection:
        (count,) = connection.execute("SELECT count(*) FROM products").fetchall()[0]
    return int(count)


def test_tables_and_views_are_the_lakes(month: LakeFolder, published: Path) -> None:
    """A DuckDB without extensions finds every row, every view, every comment."""
    with (
        open_for_reading(month) as lake,
        plain_duckdb(published / "current" / "catalogue.duckdb") as catalogue,
    ):
        catalogue.execute("SET TimeZone = 'UTC'")
        names = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake'"
        tables = {name for (name,) in lake.execute(names).fetchall()} - {"lake_format"}
        assert len(tables) > 8
        for name in (*tables, *VIEWS):
            # The hash of a row is a decimal there.
            query = f"SELECT COLUMNS(lambda one: one <> 'content_hash') FROM {name}"
            expected = sorted(map(str, lake.execute(query).fetchall()))
            assert sorted(map(str, catalogue.execute(query).fetchall())) == expected, name
        comments = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'products'"
        assert sorted(catalogue.execute(comments).fetchall()) == sorted(
            lake.execute(comments).fetchall()
        )
        loaded = "SELECT extension_name FROM duckdb_extensions() WHERE loaded AND installed"
        assert ("ducklake",) not in catalogue.execute(loaded).fetchall()


def test_products_are_read_by_polars(month: LakeFolder, published: Path) -> None:
    """Values as they are in the lake, through a reader that is not DuckDB."""
    frame = pl.read_parquet(published / "current" / "products" / "*.parquet")
    columns = ["product_id", "title", "selling_price", "first_seen_at", "in_stock"]
    with open_for_reading(month) as lake:
        expected = lake.sql(f"SELECT {', '.join(columns)} FROM products ORDER BY ALL").pl()
    found = frame.select(columns).sort(columns)
    assert found.rows() == expected.rows()


def test_every_type_is_one_that_spark_reads(published: Path) -> None:
    """No unsigned integers, no nanoseconds, no times of day; times are UTC."""
    files = list((published / "current").glob("*/*.parquet"))
    kinds = {
        kind for file in files for field in pq.read_schema(file) for kind in _kinds(field.type)
    }
    assert all(
        pa.types.is_string(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_int32(kind)
        or pa.types.is_int64(kind)
        or pa.types.is_float64(kind)
        or pa.types.is_decimal128(kind)
        or pa.types.is_binary(kind)
        or kind == pa.timestamp("us", tz="UTC")
        for kind in kinds
    ), kinds


def _kinds(kind: Any) -> Iterator[Any]:
    parts = [kind.field(place).type for place in range(kind.num_fields)]
    if pa.types.is_map(kind):
        parts = [kind.key_type, kind.item_type]
    if not parts:
        yield kind
    for part in parts:
        yield from _kinds(part)


def test_a_moved_folder_is_read_by_saying_where_it_is(published: Path, tmp_path: Path) -> None:
    """The catalogue knows where it was made, and believes a reader who knows better."""
    moved = tmp_path / "moved"
    shutil.copytree((published / "current").resolve(), moved)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{moved / 'catalogue.duckdb'}' AS shop (READ_ONLY)")
        connection.execute("SET VARIABLE feedlake_folder = '/nowhere'")
        with pytest.raises(duckdb.IOException):
            connection.execute("FROM shop.products")
        connection.execute(f"SET VARIABLE feedlake_folder = '{moved}'")
        assert connection.execute("SELECT count(*) > 0 FROM shop.price_stats").fetchone() == (True,)


def test_a_reader_keeps_its_version(copied: LakeFolder, tmp_path: Path) -> None:
    """One that has the old version open reads on in it; the next one opens the new."""
    target = tmp_path / "shop"
    first = publish(copied, target, DAY)
    catalogue = target / "current" / "catalogue.duckdb"
    before = counted(catalogue)
    with plain_duckdb(catalogue) as reader:
        with open_for_writing(copied) as lake:
            lake.execute("DELETE FROM products WHERE in_stock")
        second = publish(copied, target, DAY)
        assert reader.execute("SELECT count(*) FROM products").fetchone() == (before,)
    assert 0 < counted(catalogue) < before
    assert second.manifest.snapshot > first.manifest.snapshot
    assert first.folder.exists()
    assert publish(copied, target, NOTHING).removed_count == 2
    assert [one.name for one in (target / "versions").iterdir()] == [
        (target / "current").resolve().name
    ]


def test_current_is_whole_at_every_moment(copied: LakeFolder, tmp_path: Path) -> None:
    """Somebody who looks all the time while it is published sees one version or the other."""
    target = tmp_path / "shop"
    publish(copied, target, DAY)
    seen: list[bool] = []
    ended = Event()

    def look() -> None:
        while not ended.is_set():
            version = (target / "current").resolve()
            manifest = json.loads((version / "manifest.json").read_bytes())
            rows = sum(
                pq.read_metadata(file).num_rows for file in version.glob("products/*.parquet")
            )
            seen.append(rows == manifest["row_counts"]["products"])

    looking = Thread(target=look)
    looking.start()
    with open_for_writing(copied) as lake:
        lake.execute("DELETE FROM products WHERE hash(title) % 3 = 0")
    publish(copied, target, DAY)
    ended.set()
    looking.join()
    assert len(seen) > 3
    assert all(seen)


def test_a_refresh_that_runs_is_not_seen(copied: LakeFolder, tmp_path: Path) -> None:
    """Published is what is committed; the writer neither waits nor is waited for."""
    with open_for_writing(copied) as lake:
        lake.execute("BEGIN")
        lake.execute("DELETE FROM products")
        publish(copied, tmp_path / "shop", DAY)
        lake.execute("COMMIT")
    assert counted(tmp_path / "shop" / "current" / "catalogue.duckdb") > 0


def test_what_a_kill_left_is_cleared_away(copied: LakeFolder, tmp_path: Path) -> None:
    """A version without its manifest is nobody's, and a link that was not renamed no hindrance."""
    target = tmp_path / "shop"
    publish(copied, target, DAY)
    unfinished = target / "versions" / "20200101T000000000000Z-1"
    (unfinished / "products").mkdir(parents=True)
    (target / "next").symlink_to(unfinished)
    publish(copied, target, DAY)
    assert not unfinished.exists()
    assert counted(target / "current" / "catalogue.duckdb") > 0


def test_a_failure_leaves_the_current_version(copied: LakeFolder, tmp_path: Path) -> None:
    """A lake whose files are gone is not published, and what was stays."""
    target = tmp_path / "shop"
    first = publish(copied, target, DAY)
    shutil.rmtree(copied.data)
    with pytest.raises(LakeCatalogueError, match="names no file that is in"):
        publish(copied, target, DAY)
    assert (target / "current").resolve() == first.folder


def test_places_that_are_refused(copied: LakeFolder, tmp_path: Path) -> None:
    """Something else's folder, the lake's own, one that is being published to, and no lake."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").touch()
    with pytest.raises(NotAPublicationError, match=r"holds 'todo.txt'.*choose a folder of its own"):
        publish(copied, tmp_path / "notes", DAY)
    with pytest.raises(NotAPublicationError, match="it is a file"):
        publish(copied, tmp_path / "notes" / "todo.txt", DAY)
    with pytest.raises(NotAPublicationError, match="part of the lake"):
        publish(copied, copied.data, DAY)
    (tmp_path / "busy").mkdir()
    with writer_lock(tmp_path / "busy"), pytest.raises(PublicationBusyError, match="let it finish"):
        publish(copied, tmp_path / "busy", DAY)
    with pytest.raises(LakeMissingError):
        publish(LakeFolder(tmp_path / "none"), tmp_path / "shop", DAY)


def test_the_command(month: LakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it published, for a person or as JSON."""
    lake = ("--lake", str(month.root))
    app(["publish", str(tmp_path / "shop"), *lake], standalone_mode=False)
    assert "older removed\nduckdb " in capsys.readouterr().out
    app(
        ["publish", str(tmp_path / "shop"), "--keep-hours", "0", "--json", *lake],
        standalone_mode=False,
    )
    said = json.loads(capsys.readouterr().out)
    assert said["row_counts"]["products"] > 100
    assert said["removed_count"] == 1
    assert Path(said["folder"]) == (tmp_path / "shop" / "current").resolve()
