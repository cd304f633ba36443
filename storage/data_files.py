"""The lake's data files: which there are to be, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from storage.errors import first_line
from storage.statements import statement


class DataFile(NamedTuple):
    """A file that some kept snapshot reads.

    Attributes:
        path: in the data folder, or absolute.
        byte_count: its size.
        row_count: its rows; None for a list of deleted rows.
    """

    path: str
    byte_count: int
    row_count: int | None


def known_files(connection: duckdb.DuckDBPyConnection) -> list[DataFile]:
    """Return the files that the catalogue names, by path."""
    return [DataFile(*row) for row in connection.execute(statement("files/known")).fetchall()]


def problems(connection: duckdb.DuckDBPyConnection, data: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that is not as the catalogue says, with what is wrong.

    Args:
        connection: the lake.
        data: the folder of its files.
    """
    for one in known_files(connection):
        file = data.resolve() / one.path
        if problem := _size_problem(file, one) or _content_problem(connection, file, one):
            yield one.path, problem


def open_problem(file: Path) -> OSError | None:
    """Return why a file cannot be opened for reading; None if it can be."""
    try:
        with file.open("rb"):
            return None
    except OSError as error:
        return error


def _size_problem(file: Path, known: DataFile) -> str | None:
    if problem := open_problem(file):
        return problem.strerror or str(problem)
    size = file.stat().st_size
    if size == known.byte_count:
        return None
    return f"it has {size:,} bytes instead of {known.byte_count:,}"


def _content_problem(
    connection: duckdb.DuckDBPyConnection, file: Path, known: DataFile
) -> str | None:
    # A cursor has a transaction of its own: an error in it leaves the caller's alone.
    with connection.cursor() as cursor:
        cursor.execute("SET VARIABLE data_file = ?", [str(file)])
        try:
            ((row_count, _),) = cursor.execute(statement("files/read_through")).fetchall()
        except duckdb.Error as error:
            return first_line(error)
    if known.row_count is None or row_count == known.row_count:
        return None
    return f"it has {row_count:,} rows instead of {known.row_count:,}"
