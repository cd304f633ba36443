"""The tree of book categories as the mirror has it."""

from __future__ import annotations

import duckdb
import polars as pl


def with_standing_nodes(connection: duckdb.DuckDBPyConnection, tree: pl.DataFrame) -> pl.DataFrame:
    """Return a tree that is not whole with every node that stands in the mirror, as it stands.

    Args:
        connection: the lake.
        tree: code, name, parent_code, depth and path of the nodes that were read.
    """
    standing = connection.execute(
        "SELECT code, name, parent_code, depth, path FROM book_categories WHERE delisted_at IS NULL"
    ).pl()
    others = tree.join(standing, on="code", how="anti")
    return pl.concat([standing.cast(tree.schema), others])
