"""What the lake's views say, worked out again row by row in plain Python, slowly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

Row = dict[str, Any]

CHECKS = {"full", "delta", "skip"}
ENDLESS = datetime(9999, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return the rows of a query by column."""
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def price_of(row: Row) -> Decimal | None:
    """Return the special price, else the selling price; never 0."""
    return row["special_price"] or row["selling_price"] or None


class Plain:
    """The tables as lists of rows, and what follows from them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read the tables whole."""
        self.products = {row["product_id"]: row for row in rows_of(connection, "FROM products")}
        self.listings = rows_of(connection, "FROM product_categories")
        self.refreshes = rows_of(connection, "FROM refreshes")
        self.history: dict[str, list[Row]] = defaultdict(list)
        for row in rows_of(connection, "FROM price_history ORDER BY product_id, observed_at"):
            if row["feed"] not in {"rollback", "remove"}:
                self.history[row["product_id"]].append(row)
        self.checks = [
            row
            for row in self.refreshes
            if (row["feed"], row["status"]) == ("product", "done") and row["mode"] in CHECKS
        ]
        self.now: datetime = max(row["finished_at"] for row in self.checks)

    def price_changes(self, since: datetime | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield product, time, category, currency, old and new price of every change."""
        for product_id, history in self.history.items():
            known: dict[str, Decimal] = {}
            for row in history:
                price = price_of(row)
                if not row["is_available"] or price is None:
                    continue
                old = known.get(row["currency"])
                known[row["currency"]] = price
                if old not in {None, price} and (since is None or row["observed_at"] >= since):
                    what = (row["category"], row["currency"], old, price)
                    yield (product_id, row["observed_at"], *what)

    def price_drops(self, days: float) -> Iterator[tuple[Any, ...]]:
        """Yield product, time, old and new price, and the price now."""
        for product_id, at, _, _, old, new in self.price_changes(self.now - days * DAY):
            product = self.products[product_id]
            if new < old and product["is_available"]:
                yield product_id, at, old, new, price_of(product)

    def restocked(self, days: float) -> Iterator[tuple[Any, ...]]:
        """Yield product, when it ran out and when it came back."""
        for product_id, history in self.history.items():
            product, turns, last = self.products[product_id], [], None
            for row in history:
                if row["is_available"] and row["in_stock"] not in {None, last}:
                    last = row["in_stock"]
                    turns.append(row["observed_at"])
            back = last and len(turns) > 1 and turns[-1] >= self.now - days * DAY
            if back and product["is_available"] and product["in_stock"]:
                yield product_id, turns[-2], turns[-1]

    def new_products(self, days: float) -> Iterator[tuple[Any, ...]]:
        """Yield product and first sight."""
        walks: dict[str, datetime] = {}
        for row in sorted(self.refreshes, key=lambda row: row["finished_at"]):
            own = row["feed"] in {"product", "books"} and row["mode"] in {*CHECKS, "list"}
            if own and row["status"] == "done":
                walks.setdefault(row["category"], row["finished_at"])
        for product_id, product in self.products.items():
            seen, walk = product["first_seen_at"], walks.get(product["category"])
            fresh = seen >= self.now - days * DAY and (walk is None or seen > walk)
            if fresh and product["is_available"]:
                yield product_id, seen

    def gone_products(self, days: float) -> Iterator[tuple[Any, ...]]:
        """Yield product, when it left, and its last price."""
        for product_id, product in self.products.items():
            left = product["delisted_at"]
            if left is not None and left >= self.now - days * DAY:
                yield product_id, left, price_of(product)

    def stats(self) -> dict[tuple[str, str], Stats]:
        """Return what `price_stats` says of each product and currency."""
        return {
            key: stats
            for product_id in self.history
            for key, stats in self._stats(product_id).items()
        }

    def _stats(self, product_id: str) -> dict[tuple[str, str], Stats]:
        found: dict[tuple[str, str], Stats] = {}
        history = self.history[product_id]
        ends = [row["observed_at"] for row in history[1:]] + [ENDLESS]
        for row, end in zip(history, ends, strict=True):
            price = price_of(row)
            if row["is_available"] and price is not None:
                stats = found.setdefault((product_id, row["currency"]), Stats(self.now))
                stats.saw(price, row["observed_at"])
                for start, stop in self._observed(product_id, row["observed_at"], end):
                    stats.observed(price, start, stop)
        return found

    def _observed(
        self, product_id: str, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the parts of a time in which a category watched a product, a day at a time."""
        for category, since, until in self._watches(product_id):
            times = [row["started_at"] for row in self.checks if row["category"] == category]
            for day in {_midnight(time) for time in times}:
                from_, to = max(start, since, day), min(end, until, day + DAY, max(times))
                if from_ < to:
                    yield from_, to

    def _watches(self, product_id: str) -> Iterator[tuple[str, datetime, datetime]]:
        """Yield the categories that answer for a product, and when; no two at a time."""
        line = sorted(
            (row for row in self.listings if row["product_id"] == product_id),
            key=lambda row: (row["delisted_at"] or ENDLESS, row["first_seen_at"], row["category"]),
        )
        for place, row in enumerate(line):
            taken = min((later["first_seen_at"] for later in line[place + 1 :]), default=ENDLESS)
            yield row["category"], row["first_seen_at"], min(row["delisted_at"] or ENDLESS, taken)


class Stats:
    """Prices of one product over 30 days, 90 days and all time."""

    def __init__(self, now: datetime) -> None:
        """Begin with nothing."""
        self.spans = [Span(now - 30 * DAY), Span(now - 90 * DAY), Span(now - 9000 * DAY)]

    def saw(self, price: Decimal, at: datetime) -> None:
        """Take a price that was seen at a moment."""
        for span in self.spans:
            if at >= span.since:
                span.prices.append(price)

    def observed(self, price: Decimal, start: datetime, end: datetime) -> None:
        """Take a price that held for a time."""
        for span in self.spans:
            seconds = (end - max(start, span.since)).total_seconds()
            if seconds > 0:
                span.prices.append(price)
                span.seconds += seconds
                span.weighed += float(price) * seconds

    def row(self) -> list[Any]:
        """Return lowest, highest, average price and days of each span."""
        return [value for span in self.spans for value in span.row()]


@dataclass
class Span:
    """Prices since a moment."""

    since: datetime

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.prices: list[Decimal] = []
        self.seconds = self.weighed = 0.0

    def row(self) -> tuple[Any, ...]:
        """Return lowest, highest, average price and days."""
        lowest, highest = min(self.prices, default=None), max(self.prices, default=None)
        average = self.weighed / self.seconds if self.seconds else None
        return lowest, highest, average, self.seconds / 86_400


def _midnight(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def movers(ranks: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """Yield category, product, rank and old rank of what moved between the last two lists."""
    lists: dict[str, dict[datetime, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in sorted(ranks, key=lambda row: -row["rank"]):
        one = lists[row["category"]][row["observed_at"]]
        if row["product_id"] is not None:
            one[row["product_id"]] = row["rank"]
    for category, by_time in lists.items():
        times = sorted(by_time)[-2:]
        if len(times) == 2:
            old, new = (by_time[time] for time in times)
            for product_id in old.keys() | new.keys():
                ranks_of = new.get(product_id), old.get(product_id)
                if ranks_of[0] != ranks_of[1]:
                    yield category, product_id, *ranks_of
