"""What changed between two snapshots: products that came, went, or cost something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple

import duckdb

from storage.lake import LakeFolder, open_for_reading
from storage.snapshots import Snapshot, find_snapshot, newest_snapshot, require_category
from storage.statements import statement
from storage.transaction import transaction

KINDS = ("new", "gone", "dearer", "cheaper", "restocked", "out_of_stock")

_BATCH_ROWS = 10_000


class Change(NamedTuple):
    """A product and one way in which it changed; one can be cheaper and restocked.

    Attributes:
        change: one of `KINDS`; `new` and `gone` as the catalogue lists it.
        old_price: special price, else selling price, in `currency`; None where unknown.
        new_price: the same at the newer snapshot.
        percent: how much dearer, negative for cheaper; None where a price is unknown.
    """

    change: str
    product_id: str
    title: str | None
    category: str | None
    currency: str | None
    old_price: Decimal | None
    new_price: Decimal | None
    percent: float | None


class Difference:
    """The changes between two snapshots.

    Attributes:
        old: the first snapshot.
        new: the second; it may be the earlier one.
        category: the only category compared; None for all.
        totals: how many products changed in each way, all of `KINDS`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        old: Snapshot,
        new: Snapshot,
        category: str | None,
    ) -> None:
        """Use `open_diff`."""
        self.old, self.new, self.category = old, new, category
        self._connection = connection
        found = dict(connection.execute(statement("diff/totals")).fetchall())
        self.totals: dict[str, int] = {kind: found.get(kind, 0) for kind in KINDS}

    def rows(self, limit: int | None = None) -> Iterator[Change]:
        """Yield the changes kind by kind, the largest first.

        Args:
            limit: the most of each kind; None for all.
        """
        self._connection.execute("SET VARIABLE row_limit = ?", [limit])
        self._connection.execute("SET VARIABLE kinds = ?", [list(KINDS)])
        result = self._connection.execute(statement("diff/rows"))
        while rows := result.fetchmany(_BATCH_ROWS):
            yield from map(Change._make, rows)


@contextmanager
def open_diff(
    folder: LakeFolder, old: str, new: str | None = None, category: str | None = None
) -> Iterator[Difference]:
    """Compare two snapshots; what the lake keeps of them cannot expire meanwhile.

    Args:
        folder: the lake.
        old: a snapshot's number, or a time.
        new: the same; None for the newest.
        category: only products that were listed in it at either snapshot; None for all.

    Raises:
        LakeError: the lake cannot be read, or has no such snapshot or category.
    """
    with open_for_reading(folder) as connection, transaction(connection):
        snapshots = (
            find_snapshot(connection, old),
            newest_snapshot(connection) if new is None else find_snapshot(connection, new),
        )
        if category is not None:
            require_category(connection, category)
        for name, one in zip(("old_snapshot", "new_snapshot"), snapshots, strict=True):
            connection.execute(f"SET VARIABLE {name} = ?", [one.number])
        connection.execute("SET VARIABLE category = ?", [category])
        connection.execute(statement("diff/changes"))
        yield Difference(connection, *snapshots, category)
