"""SQL that names the columns which a source carries: only those are compared and overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storage.statements import statement

OF_ITS_DAY = {
    "product_id",
    "currency",
    "mrp",
    "selling_price",
    "special_price",
    "in_stock",
    "is_available",
}
"""What a dump older than the mirror does not fill: it was so on the dump's day."""


def quoted_names(columns: Iterable[str]) -> str:
    """Return the columns as a list in SQL."""
    return ", ".join(f'"{one}"' for one in columns)


def suspects(carried: Sequence[str]) -> str:
    """Return the statement that finds what may differ, by the same hash of the mirror's rows."""
    return statement("compare/suspects", carried=hashed_row(carried))


def hashed(carried: Sequence[str]) -> str:
    """Return what is hashed of a staged record."""
    # A feed that does not say whether a product is available lists it.
    return quoted_names(carried).replace('"is_available"', 'coalesce("is_available", true)')


def hashed_row(carried: Sequence[str]) -> str:
    """Return what is hashed of a row of `products`, as `hashed` says it of a staged record."""
    # What is a map in a table is a list of entries in a record.
    return hashed(carried).replace('"image_urls"', 'map_entries("image_urls")')


def differences(carried: Sequence[str]) -> str:
    """Return the statement that names the columns in which records of a source differ."""
    return statement("compare/differences", differing=",\n    ".join(map(_differing, carried)))


def _differing(column: str) -> str:
    differs = f'here."{column}" IS DISTINCT FROM there."{column}"'
    if column not in OF_ITS_DAY:
        differs += f' AND NOT (suspect.may_be_filled AND there."{column}" IS NULL)'
    return f"CASE WHEN {differs} THEN '{column}' END"
