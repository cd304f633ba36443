"""Where each mirrored category stands, as the next refresh needs to know it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import duckdb


class Standing(NamedTuple):
    """A row of the view `category_standing`; times are UTC.

    Attributes:
        category: its name in the directory.
        version: the version the mirror stands at; None before the first full walk.
        last_full_at: when the last full walk that counts began; None for none.
        full_page_count: the pages of that walk.
        failed_full_count: full walks that failed since.
        failed_full_at: when the last of them ended.
        unlisted_at: when a refresh first met a directory without it; None while it is listed.
    """

    category: str
    version: int | None
    last_full_at: datetime | None
    full_page_count: int | None
    failed_full_count: int
    failed_full_at: datetime | None
    unlisted_at: datetime | None


def read_standings(connection: duckdb.DuckDBPyConnection) -> dict[str, Standing]:
    """Return the mirrored categories by name; one that was removed is none of them."""
    columns = ", ".join(Standing._fields)
    found = connection.execute(f"SELECT {columns} FROM category_standing ORDER BY category")
    return {row[0]: Standing._make(row) for row in found.fetchall()}
