"""A lake is where it is, however it is named and wherever it has moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

TITLES = "SELECT title FROM products ORDER BY product_id"


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve 30 products, too many for the catalogue to hold their rows itself."""
    with Scripted() as scripted:
        scripted.page(None, *(record(f"P{number:02}") for number in range(30)))
        yield scripted


def test_a_lake_made_by_a_relative_path_is_read_and_written_from_anywhere(
    shop: Scripted,
    refresh: Refresh,
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`./lake` today, its full path from a scheduler tomorrow."""
    monkeypatch.chdir(tmp_path)
    refresh(shop, into=Path("lake"))
    monkeypatch.chdir("/")
    assert len(ask(TITLES, of=tmp_path / "lake")) == 30
    shop.version(2)
    shop.delta(1, record("P30"), record("P31"))
    refresh(shop, into=tmp_path / "lake")
    monkeypatch.chdir(tmp_path)
    assert len(ask(TITLES, of=Path("lake"))) == 32


def test_a_lake_can_be_moved(shop: Scripted, refresh: Refresh, ask: Ask, tmp_path: Path) -> None:
    """Its files are found beside its catalogue."""
    refresh(shop, into=tmp_path / "here")
    shutil.move(tmp_path / "here", tmp_path / "it's there")
    assert len(ask(TITLES, of=tmp_path / "it's there")) == 30


def test_a_merge_goes_on_on_disk(tmp_path: Path) -> None:
    """What is more than it may hold is put beside the lake for as long as it is needed."""
    spilled = "SELECT sum(size) FROM duckdb_temporary_files()"
    with open_for_writing(LakeFolder(tmp_path / "lake"), memory=128) as connection:
        connection.execute(
            "CREATE TEMP TABLE wide AS SELECT range, md5(range::VARCHAR) || md5(range::VARCHAR) "
            "FROM range(3_000_000)"
        )
        assert (connection.execute(spilled).fetchone() or (0,))[0] > 0
        assert connection.execute("SELECT count(*) FROM wide").fetchall() == [(3_000_000,)]
    assert [one for one in (tmp_path / "lake" / "staging").rglob("*") if one.is_file()] == []
