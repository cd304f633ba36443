"""Lakes that cannot be written to: a full disk, a read-only folder, a clock that went back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from storage.checks import check_lake
from storage.errors import LakeError, LakeUnwritableError
from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 3 MB; skipped where this process may not mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this process may not mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Fill a disk but for so many bytes; return the file that does."""
    ballast = disk / "lake" / "staging" / "ballast"
    ballast.parent.mkdir(parents=True, exist_ok=True)
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast.write_bytes(b"\0" * max(0, free - leave))
    return ballast


def whole(lake: Path) -> bool:
    """Return whether every check of the lake holds."""
    return all(one.holds for one in check_lake(LakeFolder(lake)))


@pytest.mark.parametrize("kilobytes", [0, 48, 160])
def test_a_full_disk_loses_nothing(disk: Path, refresh: Refresh, ask: Ask, kilobytes: int) -> None:
    """Wherever the room ends, each feed that failed says so in a line; then all is made good."""
    lake = disk / "lake"
    with Sandbox(products=300, categories=2, page_size=50, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox, into=lake)
        before = ask("FROM products ORDER BY product_id", of=lake)
        sandbox.next_day(10)
        ballast = fill(disk, leave=kilobytes * 1024)
        rows: dict[str, Any] = {}
        errors = []
        try:
            rows = refresh(sandbox, into=lake)
        except LakeError as error:
            errors = [str(error)]
        errors += [row.error for row in rows.values() if row.status == "failed"]
        assert all("\n" not in error for error in errors)
        told = ("run the same command again", "cannot be opened")
        assert all(any(one in error for one in told) for error in errors)
        ballast.unlink()
        if len(errors) >= len(rows):
            assert ask("FROM products ORDER BY product_id", of=lake) == before
        assert whole(lake)
        again = refresh(sandbox, into=lake)
        assert {row.status for row in again.values()} == {"done"}
        assert whole(lake)
        assert dict(ask("SELECT category, version FROM category_status", of=lake)) == (
            sandbox.versions()
        )


def test_a_full_disk_where_the_lake_should_be(disk: Path, refresh: Refresh, ask: Ask) -> None:
    """The first refresh says that there is no room, and makes the lake once there is."""
    lake = disk / "lake"
    ballast = fill(disk, leave=20 * 1024)
    with Scripted() as shop:
        shop.page(None, record("A"))
        with pytest.raises(LakeUnwritableError, match="run the same command again"):
            refresh(shop, into=lake)
        ballast.unlink()
        refresh(shop, into=lake)
    assert ask("SELECT product_id FROM products", of=lake) == [("A",)]


def test_a_read_only_lake_is_not_written(disk: Path, refresh: Refresh, ask: Ask) -> None:
    """Writing is refused in a line that names the folder; once it may be written, all goes on."""
    lake = disk / "lake"
    with Scripted() as shop:
        shop.page(None, record("A"))
        refresh(shop, into=lake)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(LakeUnwritableError, match="Read-only file system"):
            refresh(shop, into=lake)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert ask("SELECT product_id FROM products", of=lake) == [("A",)]
        assert [row.mode for row in refresh(shop, into=lake).values()] == ["skip"]


def test_a_clock_that_went_back_keeps_the_order_of_versions(
    lake: Path, refresh: Refresh, ask: Ask
) -> None:
    """A version stamped in the future stays before the next one, and the mirror goes on from it."""
    with Scripted() as shop:
        shop.page(None, record("A"))
        refresh(shop)
        with open_for_writing(LakeFolder(lake)) as connection:
            connection.execute("UPDATE category_versions SET mirrored_at = now() + INTERVAL 1 YEAR")
        shop.version(2)
        shop.delta(1, record("A", 5.0))
        assert [row.mode for row in refresh(shop).values()] == ["delta"]
        assert [row.mode for row in refresh(shop).values()] == ["skip"]
    assert ask("SELECT version FROM category_versions ORDER BY mirrored_at") == [(1,), (2,)]
    assert ask("SELECT version FROM category_status") == [(2,)]
    assert whole(lake)
