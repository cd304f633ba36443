"""The feeds that a run can read."""

from __future__ import annotations

from enum import StrEnum


class Feed(StrEnum):
    """What the upstream gives."""

    PRODUCT = "product"
    TOP = "top"
    BOOKS = "books"
    DUMP = "dump"


EVERY_DAY = (Feed.PRODUCT, Feed.TOP, Feed.BOOKS)
"""What a refresh reads where nothing else is said."""
