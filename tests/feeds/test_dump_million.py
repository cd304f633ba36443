"""A long dump with a fault now and then, as in `tests/bench/dump_million.py` but smaller."""

from __future__ import annotations

from pathlib import Path

from tests.bench.dump_million import read_numbered, write_numbered


def test_long_dump(tmp_path: Path) -> None:
    """Over several chunks every row is in its place, and each fault is told by its line."""
    shifted = write_numbered(tmp_path / "d.zip", 40_000, broken_every=1_000)
    found = read_numbered(tmp_path / "d.zip")

    assert found.row_count == 40_000
    assert found.repaired_count == 20
    assert found.shifted == shifted
    assert len(shifted) == 20
