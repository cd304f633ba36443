"""The lake: a folder with a DuckLake catalogue in SQLite and its data in Parquet.

    lake/catalog.sqlite   tables, snapshots, statistics (SQLite, write-ahead log)
    lake/data/            Parquet files, never changed once written
    lake/staging/         pages of walks that are not committed yet
    lake/writer.lock      held by the one process that writes
    lake/alerts.sqlite    what alert rules remember

The write-ahead log lets a reader work beside the writer: with SQLite's default journal a reader
inside a transaction holds every commit up.

A lake is made as `new-catalog.sqlite` and renamed when its tables are there: killed before that,
there is no lake yet. Its data folder holds nothing then but the file of table `lake_format`. Where
it holds more and there is no catalogue, the catalogue was lost, and no new one is made.

A reader who may not write to the folder reads a private copy of the catalogue.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

import duckdb

from storage.definitions import create_definitions, renew_definitions, shadow_definitions
from storage.engine import connect, quoted
from storage.errors import (
    LakeCatalogueError,
    LakeForbiddenError,
    LakeMissingError,
    LakeUnreadableError,
    LakeUnwritableError,
    NotALakeError,
    QueryError,
    first_line,
)
from storage.fault import check_own_files, find_fault, is_catalogue_damaged
from storage.lock import writer_lock
from storage.private_copy import copy_catalogue
from storage.rights import check_writable, is_writable
from storage.snapshots import find_snapshot
from storage.statements import statement, statements
from storage.transaction import transaction

FORMAT = 2
"""Layout of the tables; a lake made by another layout is refused."""

_SMALL_TABLES = (
    "category_versions",
    "refreshes",
    "settled_records",
    "walk_pages",
)
_INLINED_ROWS = 500
_WIDE_ROWS = 20_480
"""Rows of `products` that are read or passed over together: each has some 4 KB, and DuckDB's own
122,880 of them would be read by one thread and held by it as a whole."""


@dataclass(frozen=True, slots=True)
class LakeFolder:
    """Where everything of one lake is."""

    root: Path

    @property
    def catalog(self) -> Path:
        """The SQLite file of the catalogue."""
        return self.root / "catalog.sqlite"

    @property
    def data(self) -> Path:
        """The folder of the Parquet files."""
        return self.root / "data"

    @property
    def staging(self) -> Path:
        """The folder of walks that are not committed yet."""
        return self.root / "staging"

    @property
    def comparing(self) -> Path:
        """The folder of walks that are only compared with the lake: no refresh looks there."""
        return self.staging / "verify"

    def exists(self) -> bool:
        """Return whether a lake was made here.

        Raises:
            NotALakeError: there is something else here.
            LakeCatalogueError: the lake's data is here, and its catalogue is lost.
            LakeForbiddenError: this user may not look.
        """
        try:
            return self._exists()
        except OSError as error:
            raise LakeForbiddenError(self.root, error) from error

    def _exists(self) -> bool:
        if not self.root.exists():
            return False
        if not self.root.is_dir():
            raise NotALakeError(self.root, "it is a file")
        is_there = self.catalog.exists()
        if is_there and not self.catalog.is_file():
            raise LakeCatalogueError(self.catalog, "is no file")
        if is_there and self.catalog.stat().st_size:
            return True
        if foreign := [one.name for one in self.root.iterdir() if one.name not in _OWN_NAMES]:
            raise NotALakeError(self.root, f"it holds {min(foreign)!r}")
        if self._holds_data():
            raise LakeCatalogueError(self.catalog, "is empty" if is_there else "is lost")
        return False

    def _holds_data(self) -> bool:
        """Return whether there are files of a lake whose making was finished."""
        making = self.data / "main" / "lake_format"
        folders = os.walk(self.data, onerror=_raise) if self.data.exists() else ()
        return any(files and Path(folder) != making for folder, _, files in folders)

    def require(self) -> None:
        """Check that a lake was made here.

        Raises:
            LakeMissingError: none was yet.
            NotALakeError: there is something else here.
        """
        if not self.exists():
            raise LakeMissingError(self.root)


def _raise(error: OSError) -> None:
    """Let no folder that cannot be read count as empty."""
    raise error


_CATALOG_FILES = {f"catalog.sqlite{end}" for end in ("", "-journal", "-shm", "-wal")}
_UNFINISHED_FILES = {f"new-{name}" for name in _CATALOG_FILES}
_ALERT_FILES = {"alerts.sqlite", "alerts.sqlite-journal"}
_OWN_NAMES = {
    *_ALERT_FILES,
    *_CATALOG_FILES,
    *_UNFINISHED_FILES,
    "data",
    "prefect",
    "staging",
    "writer.lock",
}


@contextmanager
def open_for_writing(
    folder: LakeFolder, memory: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the lake as its only writer, made first where there is none.

    Args:
        folder: where it is.
        memory: MiB that statements may hold before they go on on disk; None for four fifths of
            the machine's.

    Raises:
        LakeError: it is busy, or no lake, or cannot be made.
    """
    folder.exists()
    try:
        folder.staging.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LakeUnwritableError(folder.root, error) from error
    with writer_lock(folder.root):
        if not folder.exists():
            _make(folder)
        check_writable(folder.catalog)
        with closing(connect()) as connection:
            connection.execute("SET preserve_insertion_order = false")
            if memory is not None:
                connection.execute(f"SET memory_limit = '{memory:d}MiB'")
            connection.execute(f"SET temp_directory = '{quoted(folder.staging / 'spill')}'")
            _open(connection, folder, folder.catalog)
            _check_format(connection)
            _renew(connection, folder)
            with _faults_of(connection, folder):
                yield connection


@contextmanager
def open_for_reading(
    folder: LakeFolder, at: int | str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake read-only, as it is now or was at a snapshot.

    Args:
        folder: where it is.
        at: a snapshot's number, or a time that DuckDB reads; None for now.

    Raises:
        LakeError: there is none, or it cannot be read, or had no such snapshot.
    """
    with closing(connect_for_reading(folder, at)) as connection, _faults_of(connection, folder):
        yield connection


def connect_for_reading(
    folder: LakeFolder, at: int | str | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection to the same, which the caller closes."""
    folder.require()
    options = ["READ_ONLY"]
    if isinstance(at, int):
        options.append(f"SNAPSHOT_VERSION {at}")
    elif at:
        options.append(f"SNAPSHOT_TIME '{quoted(at)}'")
    connection = connect()
    try:
        catalog = _readable_catalogue(connection, folder)
        try:
            _open(connection, folder, catalog, *options)
        except LakeUnreadableError:
            if at is None:
                raise
            # The lake may be well and lack no more than that state.
            _open(connection, folder, catalog, "READ_ONLY")
            find_snapshot(connection, str(at))
            raise
        if at is None:
            shadow_definitions(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _readable_catalogue(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> Path:
    """Return the catalogue, or a private copy of it for as long as the connection is there."""
    if is_writable(folder.root) and is_writable(folder.catalog):
        return folder.catalog
    private = Path(mkdtemp(prefix="feedlake-"))
    finalize(connection, rmtree, private, ignore_errors=True)
    connection.execute(f"SET temp_directory = '{quoted(private / 'spill')}'")
    return copy_catalogue(folder.catalog, private)


@contextmanager
def _faults_of(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> Iterator[None]:
    """Say which file of the lake is lost or damaged, where that is why a statement failed."""
    try:
        yield
    except (duckdb.Error, LakeUnreadableError, QueryError) as error:
        cause = error if isinstance(error, duckdb.Error) else error.__cause__
        if cause and (fault := find_fault(connection, cause)):
            raise fault from error
        if isinstance(error, duckdb.Error):
            raise LakeUnreadableError(
                f"a statement failed in the lake at {folder.root} ({first_line(error)}); see "
                "`feedlake verify` and docs/recover.md"
            ) from error
        raise


def _open(
    connection: duckdb.DuckDBPyConnection, folder: LakeFolder, catalog: Path, *options: str
) -> None:
    try:
        # What is no DuckLake must not become an empty one.
        _attach(connection, folder, catalog, "CREATE_IF_NOT_EXISTS false", *options)
        check_own_files(connection, folder.data)
        if "READ_ONLY" not in options:
            _check_catalogue(connection, folder)
    except duckdb.Error as error:
        if is_catalogue_damaged(error):
            why = f"is damaged ({first_line(error)})"
            raise LakeCatalogueError(folder.catalog, why) from error
        if "creating a new DuckLake is explicitly disabled" in str(error):
            raise LakeCatalogueError(folder.catalog, "holds no lake") from error
        raise LakeUnreadableError(
            f"the lake at {folder.root} cannot be opened ({first_line(error)}); "
            "check FEEDLAKE_LAKE and --at, and see docs/recover.md"
        ) from error


def _attach(
    connection: duckdb.DuckDBPyConnection, folder: LakeFolder, catalog: Path, *options: str
) -> None:
    # The catalogue keeps the data's path as it was typed when the lake was made: seen from another
    # folder, or once the lake has moved, it leads nowhere.
    data = f"DATA_PATH '{quoted(folder.data.resolve())}/', OVERRIDE_DATA_PATH true"
    chosen = ", ".join([data, *options])
    connection.execute(f"ATTACH 'ducklake:sqlite:{quoted(catalog)}' AS lake ({chosen})")
    connection.execute("USE lake")


def _check_catalogue(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> None:
    """Check that what is to be written to is whole.

    Raises:
        LakeCatalogueError: it is damaged.
        duckdb.Error: it cannot be read.
    """
    ((verdict,),) = connection.execute(statement("files/catalogue_check")).fetchall()
    if verdict != "ok":
        raise LakeCatalogueError(folder.catalog, f"is damaged ({verdict})")


def _make(folder: LakeFolder) -> None:
    catalog = folder.root / "new-catalog.sqlite"
    try:
        for name in _UNFINISHED_FILES:
            (folder.root / name).unlink(missing_ok=True)
        with closing(sqlite3.connect(catalog)) as file:
            file.execute("PRAGMA journal_mode = wal")
        with closing(connect()) as connection:
            _attach(connection, folder, catalog)
            _make_tables(connection)
        with closing(sqlite3.connect(catalog)) as file:
            # A renamed file must not need a log of its old name.
            file.execute("PRAGMA wal_checkpoint(truncate)")
        for name in _CATALOG_FILES:
            # The log of a catalogue that was removed would be taken for the new one's.
            (folder.root / name).unlink(missing_ok=True)
        catalog.rename(folder.catalog)
    except (OSError, sqlite3.Error, duckdb.Error) as error:
        raise LakeUnwritableError(folder.root, error) from error


def _make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    # The catalogue itself holds small additions to tables that are only ever added to. It must hold
    # no deletion: together with rewritten files those give wrong rows (DuckLake 1.0, issue 1406).
    # Said before there is a table, it also keeps each query of a large one from asking there.
    connection.execute("CALL lake.set_option('data_inlining_row_limit', 0)")
    with transaction(connection):
        for text in statements("schema"):
            connection.execute(text)
        create_definitions(connection)
        connection.execute("INSERT INTO lake_format VALUES (?, now())", [FORMAT])
        connection.execute("CALL lake.set_commit_message('feedlake', 'make the tables')")
    for table in _SMALL_TABLES:
        _set_option(connection, "data_inlining_row_limit", _INLINED_ROWS, table)
    _set_option(connection, "parquet_row_group_size", _WIDE_ROWS, "products")


def _set_option(connection: duckdb.DuckDBPyConnection, name: str, value: int, table: str) -> None:
    connection.execute("CALL lake.set_option(?, ?, table_name => ?)", [name, value, table])


def _check_format(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        row = connection.execute("SELECT max(format) FROM lake_format").fetchone()
    except duckdb.Error:
        row = None
    if row != (FORMAT,):
        found = row[0] if row else "none"
        raise LakeUnreadableError(
            f"the lake has layout {found} and this release writes {FORMAT}; "
            "mirror into another folder with FEEDLAKE_LAKE"
        )


def _renew(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> None:
    try:
        renew_definitions(connection)
    except duckdb.Error as error:
        raise LakeUnwritableError(folder.root, error) from error
