"""The file of some staged pages: their records, each with the hash that tells what is unchanged.

The hash is taken here: asking goes on meanwhile, and a merge need not read every record twice.
DuckDB takes it, as it does of the mirror's own rows where they are hashed anew, and writes the
file from the same pass over the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from storage.carried import hashed
from storage.engine import quoted
from storage.statements import statement


def write_page(frame: pl.DataFrame, carried: Sequence[str], file: Path) -> None:
    """Write the records as Parquet, with the column `content_hash`.

    Args:
        frame: records with their `record_source`, which is hashed with them.
        carried: the columns to hash.
        file: where to.

    Raises:
        duckdb.Error: it cannot be written.
    """
    with _engine().cursor() as cursor:
        # Of the frame itself a copy would be made first.
        page = frame.__arrow_c_stream__()  # noqa: F841 - DuckDB finds it by its name
        cursor.execute(statement("staging/page", hashed=hashed(carried), file=quoted(file)))


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # Pages are written by the thread that stages them, and several walks may be staged at once.
    return duckdb.connect(config={"threads": 1})
