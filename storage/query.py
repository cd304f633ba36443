"""Reading the lake with SQL that a person typed: read-only, and fenced in.

A query sees the lake's tables and nothing else: no other file, no network, no writing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, BinaryIO, TextIO

import duckdb

from storage.engine import quoted
from storage.errors import QueryError
from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement

_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_BATCH_ROWS = 10_000
_SHOWN_ROWS = 40


@contextmanager
def open_query(
    folder: LakeFolder, text: str, *, at: int | str | None = None, fenced: bool = True
) -> Iterator[Query]:
    """Hold one query of the lake, checked and ready to run.

    Args:
        folder: the lake.
        text: one SELECT, or a statement that only reads.
        at: a snapshot's number or a time; None for now.
        fenced: whether other files and the network are out of reach.

    Raises:
        LakeError: the lake cannot be read, or the query is no query.
    """
    with open_for_reading(folder, at) as connection:
        if fenced:
            fence(connection, folder)
        yield Query(connection, _checked(connection, text))


class Query:
    """One query, written out in the format asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, text: str) -> None:
        """Use `open_query`."""
        self._connection = connection
        self._text = text

    def table(self, width: int) -> str:
        """Return a table for a person, its middle rows left out where there are many."""
        out = io.StringIO()
        try:
            with redirect_stdout(out):
                self._connection.sql(self._text).show(max_width=width, max_rows=_SHOWN_ROWS)
        except (duckdb.Error, AttributeError) as error:
            raise _query_error(error) from error
        return out.getvalue()

    def columns(self) -> list[str]:
        """Return the names of the answer's columns."""
        return [row[0] for row in self._run(f"DESCRIBE {self._text}").fetchall()]

    def within(self, name: str, **names: str) -> Query:
        """Return the statement `sql/<name>.sql` around this query, its `${query}`."""
        text = statement(name, query=self._text, **names)
        return Query(self._connection, text.strip().rstrip(";"))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, some thousands of them in memory at a time."""
        for rows in _batches(self._run(self._text)):
            yield from rows

    def write_csv(self, out: TextIO) -> None:
        """Write a header and the rows; null is empty, nested values are as DuckDB prints them."""
        writer = csv.writer(out, lineterminator="\n")
        result = self._run(f"SELECT COLUMNS(*)::VARCHAR FROM ({self._text})")
        writer.writerow([column[0] for column in result.description])
        for rows in _batches(result):
            writer.writerows(rows)

    def write_json(self, out: TextIO) -> None:
        """Write an array of objects, a line each."""
        result = self._run(
            f"SELECT to_json(row_of_query)::VARCHAR FROM ({self._text}) AS row_of_query"
        )
        before = "["
        for rows in _batches(result):
            for (row,) in rows:
                out.write(f"{before}\n{row}")
                before = ","
        out.write("[]\n" if before == "[" else "\n]\n")

    def write_parquet(self, out: BinaryIO) -> None:
        """Write one Parquet file."""
        import pyarrow.parquet

        batches = self._run(self._text).to_arrow_reader(_BATCH_ROWS)
        with pyarrow.parquet.ParquetWriter(out, batches.schema, compression="zstd") as writer:
            for batch in _arrow_batches(batches):
                writer.write_batch(batch)

    def _run(self, text: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(text)
        except duckdb.Error as error:
            raise _query_error(error) from error


def _batches(result: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    """Yield some thousands of rows at a time; a query may fail long after its first row."""
    try:
        while rows := result.fetchmany(_BATCH_ROWS):
            yield rows
    except duckdb.Error as error:
        # DuckDB says here that it was interrupted, and not by what.
        raise QueryError(
            "the query failed on one of its rows; `--format parquet` says why, or try() in it "
            "makes what fails null"
        ) from error


def _arrow_batches(batches: Any) -> Iterator[Any]:
    """Yield the same as Arrow; what reading raises is told from what writing raises."""
    while True:
        try:
            batch = batches.read_next_batch()
        except StopIteration:
            return
        except (duckdb.Error, OSError) as error:
            raise _query_error(error) from error
        yield batch


def fence(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> None:
    """Put every file but the lake's, and the network, out of the reach of what a person typed."""
    connection.execute(f"SET allowed_directories = ['{quoted(folder.root.resolve())}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _checked(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    try:
        found = connection.extract_statements(text)
    except duckdb.Error as error:
        raise _query_error(error) from error
    if len(found) != 1:
        raise QueryError(f"one query at a time, please; this holds {len(found)} statements")
    if found[0].type not in _READING:
        raise QueryError("the lake is read-only here; ask with SELECT, DESCRIBE, SHOW or EXPLAIN")
    return found[0].query.strip().rstrip(";")


def _query_error(error: Exception) -> QueryError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines), "the query failed")
    hint = next((line for line in lines[1:] if line.startswith(("Did you mean", "Candidate"))), "")
    return QueryError(f"{said} {hint}".strip() + "; `feedlake sql 'SHOW TABLES'` lists the tables")
