"""The hash of a record, by which a merge tells what is unchanged without reading its columns.

It is taken as a page is staged: asking goes on meanwhile, and a merge need not read every record
twice. DuckDB takes it, as it does of the mirror's own rows where they are hashed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import duckdb
import polars as pl

from storage.carried import hashed


def with_content_hash(frame: pl.DataFrame, carried: Sequence[str]) -> pl.DataFrame:
    """Return the records with the column `content_hash`.

    Args:
        frame: records with their `record_source`, which is hashed with them.
        carried: the columns to hash.
    """
    with _engine().cursor() as cursor:
        # Of the frame itself a copy would be made first.
        cursor.register("page", frame.__arrow_c_stream__())
        text = f"SELECT hash(record_source, {hashed(carried)}) AS content_hash FROM page"
        return frame.with_columns(cursor.execute(text).pl())


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # A page is hashed by the thread that stages it, and several may be staged at once.
    return duckdb.connect(config={"threads": 1})
