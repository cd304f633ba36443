"""One transaction: all of it or nothing. No other module begins one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(
    connection: duckdb.DuckDBPyConnection | sqlite3.Connection, kind: str = ""
) -> Iterator[None]:
    """Commit what is done inside; on any error undo it. What is read inside is of one snapshot.

    Whatever happens inside, no transaction is open afterwards: the connection can begin the next.

    Args:
        connection: of DuckDB, or of SQLite.
        kind: for SQLite `IMMEDIATE` or `EXCLUSIVE`, which lock the file at once.

    Raises:
        duckdb.TransactionException: another writer changed the same rows, or held the catalogue;
            nothing was written, and the same work may be done again from its start.
        duckdb.Error: nothing was written.
        sqlite3.Error: the same for SQLite.
    """
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A commit that failed has ended its transaction itself.
        with suppress(duckdb.Error, sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
