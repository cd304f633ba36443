"""One transaction of the lake: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what is done inside; on any error undo it.

    Raises:
        duckdb.TransactionException: another writer changed the same rows, or held the catalogue;
            nothing was written, and the same work may be done again from its start.
        duckdb.Error: nothing was written.
    """
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has ended its transaction itself
            connection.execute("ROLLBACK")
        raise
