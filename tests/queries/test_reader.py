"""The lake from Python: a connection that reads, and closes."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from storage.errors import LakeMissingError, NoSnapshotError
from storage.lake import LakeFolder, open_for_writing
from storage.reader import open_lake


def test_frames_of_views(month: LakeFolder) -> None:
    """Views and macros are there, and a relation becomes a Polars frame with the lake's types."""
    with open_lake(month.root) as lake:
        frame = lake.sql("SELECT product_id, price FROM deals(10)").pl()
        everything = lake.sql("FROM products").pl()
    assert frame.schema == {"product_id": pl.String, "price": pl.Decimal(12, 2)}
    assert frame.height > 3
    assert everything.schema["first_seen_at"] == pl.Datetime("us", "UTC")


def test_frames_of_the_caller_are_joined(month: LakeFolder) -> None:
    """A list of ids in a frame is a table."""
    with open_lake(str(month.root)) as lake:
        wanted = lake.sql("SELECT product_id FROM products ORDER BY product_id LIMIT 3").pl()
        found = lake.sql("SELECT count(*) FROM products SEMI JOIN wanted USING (product_id)")
        assert found.fetchone() == (wanted.height,)


def test_as_it_was(month: LakeFolder, tmp_path: Path) -> None:
    """By the number of a snapshot, as a number or as text, and by a time."""
    shutil.copytree(month.root, tmp_path / "lake")
    with open_lake(tmp_path / "lake") as lake:
        (number,) = lake.sql("SELECT id FROM lake.current_snapshot()").fetchall()[0]
        count = lake.sql("SELECT count(*) FROM products").fetchone()
    then = datetime.now(UTC)
    with open_for_writing(LakeFolder(tmp_path / "lake")) as connection:
        connection.execute("DELETE FROM products")
    for at in (number, str(number), then, then.replace(tzinfo=None), str(then)):
        with open_lake(tmp_path / "lake", at=at) as lake:
            assert lake.sql("SELECT count(*) FROM products").fetchone() == count
    with open_lake(tmp_path / "lake") as lake:
        assert lake.sql("SELECT count(*) FROM products").fetchone() == (0,)
    with pytest.raises(NoSnapshotError):
        open_lake(tmp_path / "lake", at=10_000)


def test_it_reads_only(month: LakeFolder) -> None:
    """Nothing of the lake can be changed through it."""
    with open_lake(month.root) as lake, pytest.raises(duckdb.Error, match="read-only"):
        lake.execute("DELETE FROM products")


def test_it_closes(month: LakeFolder) -> None:
    """At the end of the block or by hand; afterwards it answers nothing."""
    with open_lake(month.root) as lake:
        pass
    with pytest.raises(duckdb.ConnectionException):
        lake.sql("FROM products")
    lake = open_lake(month.root)
    lake.close()
    with pytest.raises(duckdb.ConnectionException):
        lake.sql("FROM products")


def test_the_folder_is_the_setting(
    month: LakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is named FEEDLAKE_LAKE says it, else it is `lake`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEEDLAKE_LAKE", raising=False)
    with pytest.raises(LakeMissingError, match="no lake at lake"):
        open_lake()
    monkeypatch.setenv("FEEDLAKE_LAKE", str(month.root))
    with open_lake() as lake:
        assert lake.sql("SELECT count(*) > 0 FROM products").fetchone() == (True,)
