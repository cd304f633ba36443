"""Where a record came from: an API version and a format, which say what columns it carries.

A v1.1.0 page can hold v0.1.0 records (the vendor's reference shows a delta that does). They are
read by their own rules and stand in the same frame, which then has one more column: without it,
every record of a page is of the page's own source.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from feeds.product.schema import (
    CARRIED_BY_V0,
    CARRIED_BY_V1_JSON,
    CARRIED_BY_V1_XML,
    RECORD_NUMBER,
)

V1_JSON: Final = "v1.1.0 json"
V1_XML: Final = "v1.1.0 xml"
V0_JSON: Final = "v0.1.0 json"
V0_XML: Final = "v0.1.0 xml"

RECORD_SOURCE: Final = "record_source"
"""Column of a mixed frame: a key of `CARRIED_BY` for every row."""

CARRIED_BY: Final = {
    V1_JSON: CARRIED_BY_V1_JSON,
    V1_XML: CARRIED_BY_V1_XML,
    V0_JSON: CARRIED_BY_V0,
    V0_XML: CARRIED_BY_V0,
}
"""The columns that a record of each source overwrites; it leaves all others alone."""


def mixed(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return one frame out of a page's frames by source, the page's own source first.

    Returns:
        The frame of the page's own source, where no other has a record. Else all records in
        their order, with the column `record_source`.
    """
    own, *others = frames.values()
    if not any(frame.height for frame in others):
        return own
    named = [
        frame.with_columns(pl.lit(source).alias(RECORD_SOURCE)) for source, frame in frames.items()
    ]
    return pl.concat(named).sort(RECORD_NUMBER)
