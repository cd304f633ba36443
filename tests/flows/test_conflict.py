"""A commit that another program's transaction refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from storage.engine import connect
from storage.lake import LakeFolder
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]


class Contended:
    """A connection that another program gets ahead of at each of its first commits."""

    def __init__(self, lake: Path, times: int) -> None:
        """Be ahead so many times."""
        self._connection, self._lake, self.times = connect(), lake, times

    def execute(self, query: str, *values: Any) -> duckdb.DuckDBPyConnection:
        """Run a statement; before a commit of changed products, the other program's."""
        if query == "COMMIT" and self.times:
            self.times -= 1
            self._other_commits()
        return self._connection.execute(query, *values)

    def __getattr__(self, name: str) -> Any:
        """Leave the rest to the connection."""
        return getattr(self._connection, name)

    def _other_commits(self) -> None:
        folder = LakeFolder(self._lake)
        with connect() as other:
            other.execute(
                f"ATTACH 'ducklake:sqlite:{folder.catalog}' AS lake (DATA_PATH '{folder.data}/')"
            )
            other.execute("UPDATE lake.products SET brand = brand || '!'")


@pytest.mark.parametrize("times", [1, 2])
def test_a_refused_commit_is_done_again_from_staging(
    lake: Path, refresh: Refresh, ask: Ask, times: int
) -> None:
    """Both programs' changes are there, and no page is asked for twice."""
    with Scripted() as upstream:
        upstream.page(
            None, record("A", 10.0, productBrand="a"), record("B", 20.0, productBrand="b")
        )
        refresh(upstream)
        upstream.version(2)
        upstream.page(
            None, record("A", 11.0, productBrand="a"), record("B", 20.0, productBrand="b")
        )
        asked = len(upstream.asked)
        with patch("storage.lake.connect", lambda: Contended(lake, times)):
            row = refresh(upstream, full=True)["shoes"]
        pages = len(upstream.asked) - asked
    assert row.error is None
    assert row.to_version == 2
    assert pages == 3  # the directory, the version and the page
    assert ask("SELECT product_id, brand, selling_price FROM products ORDER BY 1") == [
        ("A", "a", 11),
        ("B", "b" + times * "!", 20),
    ]
    assert ask("SELECT count(*) FROM category_versions") == [(2,)]


def test_a_commit_that_is_always_refused_fails_in_one_line(
    lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """The category is as it was, and the same command goes on from what is staged."""
    with Scripted() as upstream:
        upstream.page(None, record("A", 10.0))
        refresh(upstream)
        upstream.version(2)
        upstream.page(None, record("A", 11.0))
        with patch("storage.lake.connect", lambda: Contended(lake, 6)):
            row = refresh(upstream, full=True)["shoes"]
        assert row.status == "failed"
        assert row.error
        assert "another program" in row.error
        assert ask("SELECT selling_price FROM products") == [(10,)]
        assert refresh(upstream, full=True)["shoes"].status == "done"
    assert ask("SELECT selling_price FROM products") == [(11,)]
