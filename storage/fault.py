"""What an error of DuckDB says of the lake: which of its files is lost or damaged."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from storage.data_files import known_files, open_problem, problems
from storage.errors import (
    LakeCatalogueError,
    LakeFileError,
    LakeForbiddenError,
    LakeUnreadableError,
    first_line,
)
from storage.statements import statement

_DATA_FILE = re.compile(r"[^\"']*/ducklake-[0-9a-f-]+\.parquet")
_DAMAGED_CATALOGUE = re.compile(r"malformed|file is not a database|file is encrypted")
_NAMELESS = (duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
"""What DuckDB raises for damaged bytes without the name of their file, besides `duckdb.Error`
itself. A query that is wrong raises none of these."""
_PENDING = "unsuccessful or closed pending query result"
"""What DuckDB says where it should say what went wrong."""


def find_fault(
    connection: duckdb.DuckDBPyConnection, error: BaseException
) -> LakeUnreadableError | None:
    """Return the fault of the lake for which a statement failed; None where it failed for another.

    An error that names no file, and may come from a damaged one, has every file read through.

    Args:
        connection: the lake, opened for what failed.
        error: what was raised.
    """
    named = _DATA_FILE.search(str(error))
    if not (named or is_catalogue_damaged(error) or _is_nameless(error)):
        return None
    try:
        # A cursor has a transaction of its own: that of the connection may have failed.
        with connection.cursor() as cursor:
            ((data,),) = cursor.execute(
                "SELECT data_path FROM ducklake_settings('lake')"
            ).fetchall()
            return _find_fault(cursor, Path(data), error, named and Path(named[0]))
    except duckdb.Error:
        return None


def is_catalogue_damaged(error: BaseException) -> bool:
    """Return whether SQLite says that the catalogue's file is damaged."""
    return _DAMAGED_CATALOGUE.search(str(error)) is not None


def check_own_files(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Check that the catalogue is this data folder's.

    Raises:
        LakeCatalogueError: it names files, and none of them is here.
    """
    first = connection.execute(statement("files/first_file")).fetchall()
    if any(Path(path).exists() for (path,) in first):
        return
    files = known_files(connection)
    if files and not any((data / one.path).exists() for one in files):
        catalog = data.parent / "catalog.sqlite"
        raise LakeCatalogueError(catalog, f"names no file that is in {data}")


def _find_fault(
    cursor: duckdb.DuckDBPyConnection, data: Path, error: BaseException, named: Path | None
) -> LakeUnreadableError | None:
    if is_catalogue_damaged(error):
        why = f"is damaged ({first_line(error)})"
        return LakeCatalogueError(data.parent / "catalog.sqlite", why)
    try:
        check_own_files(cursor, data)
    except LakeCatalogueError as foreign:
        return foreign
    if named:
        problem = open_problem(named)
        if isinstance(problem, PermissionError):
            return LakeForbiddenError(named, problem)
        return LakeFileError(named, (problem and problem.strerror) or "it is damaged")
    for path, why in problems(cursor, data):
        return LakeFileError(data / path, why)
    return None


def _is_nameless(error: BaseException) -> bool:
    return isinstance(error, _NAMELESS) or type(error) is duckdb.Error or _PENDING in str(error)
