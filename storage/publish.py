"""Publishing: the tables as Parquet for readers that know nothing of lakes.

    DIR/current -> versions/20261122T060000Z-57      swapped in by one rename
    DIR/versions/20261122T060000Z-57/
        products/data_0.parquet, price_history/...   a folder a table
        catalogue.duckdb                             views over them, and the lake's own views
        manifest.json                                written last: a folder without it is unfinished

A version is one snapshot of the lake. Whoever opens `current`, or resolves it once, reads the old
version or the new one whole; the old one stays for a while.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from storage.definitions import definitions
from storage.engine import quoted
from storage.errors import (
    LakeBusyError,
    LakeError,
    LakeUnreadableError,
    LakeUnwritableError,
    NotAPublicationError,
    PublicationBusyError,
    first_line,
)
from storage.fault import find_fault
from storage.lake import LakeFolder, open_for_reading
from storage.lock import writer_lock
from storage.statements import statement
from storage.transaction import transaction

_OWN_NAMES = {"current", "next", "versions", "writer.lock"}
_ROW_GROUP = 122_880
_WIDE_ROW_GROUP = 40_960
"""Rows in a row group; of products, whose rows are wide, fewer."""


class Manifest(msgspec.Struct, frozen=True):
    """What one published version is.

    Attributes:
        published_at: when it was finished, UTC.
        snapshot: the lake's snapshot that it shows.
        row_counts: rows by table.
    """

    published_at: datetime
    snapshot: int
    row_counts: dict[str, int]


class Publication(msgspec.Struct, frozen=True):
    """What was published.

    Attributes:
        folder: the version's own folder.
        manifest: what it is.
        byte_count: the size of its files.
        removed_count: older versions that were removed.
    """

    folder: Path
    manifest: Manifest
    byte_count: int
    removed_count: int


def publish(folder: LakeFolder, target: Path, keep: timedelta) -> Publication:
    """Write the lake's tables as a new version in `target`, and make it the current one.

    The lake is only read, in one transaction: a refresh may run meanwhile.

    Args:
        folder: the lake.
        target: a folder for publications; made where there is none.
        keep: how long a version stays after another has taken its place.

    Raises:
        LakeError: there is no lake, it cannot be read, `target` holds something else or is being
            published to, or it cannot be written to: the current version is as it was.
    """
    folder.require()
    target = target.resolve()
    _check(folder, target)
    try:
        (target / "versions").mkdir(parents=True, exist_ok=True)
        with _alone(target):
            _remove_unfinished(target)
            version = _write_version(folder, target)
            _swap(target, version)
            removed = _remove_old(target, keep)
    except OSError as error:
        raise LakeUnwritableError(target, error) from error
    size = sum(one.stat().st_size for one in version.rglob("*") if one.is_file())
    return Publication(version, _manifest(version), size, removed)


def _check(folder: LakeFolder, target: Path) -> None:
    if target.is_relative_to(folder.root.resolve()):
        raise NotAPublicationError(target, "it is part of the lake")
    if target.exists() and not target.is_dir():
        raise NotAPublicationError(target, "it is a file")
    foreign = [one.name for one in target.iterdir()] if target.exists() else []
    if foreign := [name for name in foreign if name not in _OWN_NAMES]:
        raise NotAPublicationError(target, f"it holds {min(foreign)!r}")


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    try:
        with writer_lock(target):
            yield
    except LakeBusyError as error:
        raise PublicationBusyError(target) from error


def _write_version(folder: LakeFolder, target: Path) -> Path:
    with open_for_reading(folder) as connection, transaction(connection):
        connection.execute("SET preserve_insertion_order = false")
        (snapshot,) = _row(connection, "SELECT id FROM lake.current_snapshot()")
        version = target / "versions" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{snapshot}"
        version.mkdir()
        connection.execute(f"SET temp_directory = '{quoted(version / 'spill')}'")
        tables = connection.execute(statement("publish/tables")).fetchall()
        try:
            counts = {
                name: _write_table(connection, name, columns, version / name)
                for name, _, columns in tables
            }
            _write_catalogue(tables, version)
        except duckdb.Error as error:
            raise _failed(connection, error, folder, target) from error
    shutil.rmtree(version / "spill", ignore_errors=True)
    manifest = Manifest(datetime.now(UTC), snapshot, counts)
    (version / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return version


def _write_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: list[dict[str, Any]], to: Path
) -> int:
    text = statement(
        "publish/write_table",
        table=name,
        columns=", ".join(_column(one["name"], one["type"]) for one in columns),
        folder=quoted(to),
        row_group=str(_WIDE_ROW_GROUP if name == "products" else _ROW_GROUP),
    )
    (count,) = _row(connection, text)
    return int(count)


def _column(name: str, kind: str) -> str:
    # Spark has no unsigned integers: those of 64 bits do not fit its largest one.
    return f'"{name}"::DECIMAL(20, 0) AS "{name}"' if kind == "UBIGINT" else f'"{name}"'


def _write_catalogue(tables: list[tuple[Any, ...]], version: Path) -> None:
    with closing(duckdb.connect(version / "catalogue.duckdb")) as catalogue:
        for name, comment, columns in tables:
            text = statement("publish/table_view", table=name, folder=quoted(version))
            catalogue.execute(text)
            catalogue.execute(f"COMMENT ON VIEW {name} IS '{quoted(comment)}'")
            for one in columns:
                what = f'{name}."{one["name"]}"'
                catalogue.execute(f"COMMENT ON COLUMN {what} IS '{quoted(one['comment'])}'")
        for text in definitions():
            catalogue.execute(text)


def _failed(
    connection: duckdb.DuckDBPyConnection, error: duckdb.Error, folder: LakeFolder, target: Path
) -> LakeError:
    """Return what went wrong: with the lake's own file, where it was written to, or otherwise."""
    if fault := find_fault(connection, error):
        return fault
    if isinstance(error, duckdb.IOException):
        return LakeUnwritableError(target, error)
    return LakeUnreadableError(
        f"the lake at {folder.root} was not published ({first_line(error)}); see `feedlake verify`"
    )


def _swap(target: Path, version: Path) -> None:
    following = target / "next"
    following.unlink(missing_ok=True)
    # The link names no place outside the folder, so that the folder can be moved.
    following.symlink_to(version.relative_to(target))
    following.rename(target / "current")


def _versions(target: Path) -> list[Path]:
    return sorted((target / "versions").iterdir())


def _remove_unfinished(target: Path) -> None:
    for one in _versions(target):
        if not (one / "manifest.json").exists():
            shutil.rmtree(one)


def _remove_old(target: Path, keep: timedelta) -> int:
    """Remove the versions whose successor is older than that."""
    since = datetime.now(UTC) - keep
    old = [
        version
        for version, successor in pairwise(_versions(target))
        if _manifest(successor).published_at <= since
    ]
    for one in old:
        # A version that is only half removed is no version any more.
        (one / "manifest.json").unlink()
        shutil.rmtree(one)
    return len(old)


def _manifest(version: Path) -> Manifest:
    return msgspec.json.decode((version / "manifest.json").read_bytes(), type=Manifest)


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    answer: tuple[Any, ...] = row
    return answer
