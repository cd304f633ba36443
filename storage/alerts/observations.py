"""What the lake observed since a snapshot: prices, stock, availability and lists of top sellers.

Only what was written since is read, by DuckLake's change feed, where that snapshot is kept; where
it has expired, the rows of the history tell the snapshot that wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from storage.alerts.selection import Selection, select, set_texts
from storage.statements import statement

_BATCH_ROWS = 10_000


class Offer(NamedTuple):
    """How a product stood.

    Attributes:
        price: special price, else selling price, in `currency`; None where unknown.
        in_stock: None where the vendor did not say.
        is_available: whether the catalogue listed it.
    """

    currency: str | None
    price: Decimal | None
    in_stock: bool | None
    is_available: bool


class Observation(NamedTuple):
    """One observation of a product."""

    product_id: str
    observed_at: datetime
    offer: Offer


class Low(NamedTuple):
    """A price below every price that held in the days before it."""

    product_id: str
    observed_at: datetime
    currency: str
    price: Decimal
    lowest: Decimal


class TopList(NamedTuple):
    """A category's list of top sellers.

    Attributes:
        is_new: whether it was observed since the snapshot, or stood then.
        ranks: by product id, from 1.
    """

    category: str
    observed_at: datetime
    is_new: bool
    ranks: dict[str, int]


class Observations:
    """What was observed since one snapshot.

    Attributes:
        seen: that snapshot.
        current: the snapshot up to which it is read.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, seen: int, current: int) -> None:
        """Use a connection that reads the lake within one transaction."""
        self._connection = connection
        self.seen, self.current = seen, current
        self._is_kept = _keeps(connection, seen)
        self._has_prices = False

    def offers(self, selection: Selection) -> Iterator[tuple[Offer | None, list[Observation]]]:
        """Yield, product by product, how it stood at `seen` and its observations in order.

        Raises:
            QueryError: the selection's condition fails.
        """
        self._select_prices(selection)
        result = self._connection.execute(statement("alerts/rows"))
        before: Offer | None = None
        found: list[Observation] = []
        for row in _rows(result):
            if found and found[0].product_id != row[0]:
                yield before, found
                found = []
            before = Offer(*row[7:]) if row[6] else None
            found.append(Observation(row[0], row[1], Offer(*row[2:6])))
        if found:
            yield before, found

    def lows(self, selection: Selection, days: float) -> list[Low]:
        """Return the observations of lows, product by product in their order.

        Raises:
            QueryError: the selection's condition fails.
        """
        self._select_prices(selection)
        self._connection.execute("SET VARIABLE days = ?", [days])
        found = self._connection.execute(statement("alerts/lows")).fetchall()
        return [Low._make(row) for row in found]

    def lists(self, selection: Selection) -> tuple[list[TopList], set[str]]:
        """Return the lists in order, each category's old one first, and the selected products.

        Raises:
            QueryError: the selection's condition fails.
        """
        set_texts(self._connection, "categories", selection.categories)
        self._set_seen()
        self._connection.execute(statement("alerts/lists", rows=self._since("top_products")))
        self._has_prices = False
        select(self._connection, selection, lists=True)
        selected = self._connection.execute("FROM selected").fetchall()
        rows = self._connection.execute(statement("alerts/ranks")).fetchall()
        lists = [
            TopList(category, observed_at, is_new, dict(zip(ids, ranks, strict=True)))
            for category, observed_at, is_new, ids, ranks in rows
        ]
        return lists, {product_id for (product_id,) in selected}

    def _select_prices(self, selection: Selection) -> None:
        """Gather what was observed, once for all rules that have seen the same snapshot."""
        if not self._has_prices:
            self._set_seen()
            rows = self._since("price_history")
            self._connection.execute(statement("alerts/observed", rows=rows))
            self._connection.execute(statement("alerts/touched"))
            before = "before" if self._is_kept else "before_expired"
            self._connection.execute(statement(f"alerts/{before}"))
            self._has_prices = True
        select(self._connection, selection)

    def _set_seen(self) -> None:
        self._connection.execute("SET VARIABLE seen = ?", [self.seen])

    def _since(self, table: str) -> str:
        """Name the rows of a table that were written since, and where it must be others too."""
        if not self._is_kept:
            return table
        changes = f"lake.table_changes('{table}', {self.seen + 1}, {self.current})"
        return f"(FROM {changes} WHERE change_type = 'insert')"


def described(
    connection: duckdb.DuckDBPyConnection, product_ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return title, brand, category and product_url of products, by id."""
    set_texts(connection, "products", list(product_ids))
    result = connection.execute(statement("alerts/described"))
    names = [column[0] for column in result.description]
    rows = (dict(zip(names, row, strict=True)) for row in result.fetchall())
    return {row["product_id"]: row for row in rows}


def current_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the snapshot that is read."""
    return int(_one(connection, "SELECT id FROM lake.current_snapshot()"))


def lake_identity(connection: duckdb.DuckDBPyConnection) -> str:
    """Return what tells this lake from another that was made at the same place."""
    return str(_one(connection, "SELECT max(created_at) FROM lake_format"))


def _keeps(connection: duckdb.DuckDBPyConnection, seen: int) -> bool:
    """Tell whether every snapshot from the seen one on can still be read."""
    query = f"SELECT count(*) FROM lake.snapshots() WHERE snapshot_id IN ({seen:d}, {seen + 1:d})"
    return bool(_one(connection, query) == 2)  # noqa: PLR2004 - both of them


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    if row is None:
        raise AssertionError(f"{query} answers one row")
    return row[0]


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(_BATCH_ROWS):
        yield from rows
