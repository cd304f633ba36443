"""Every view and macro says what a slow computation over a month of rows says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from io import StringIO
from statistics import median
from typing import Any

import duckdb
import pytest

from storage.lake import LakeFolder, open_for_reading
from storage.query import open_query
from storage.statements import statement, statement_names
from tests.queries.plain import Plain, movers, price_of, rows_of

DAYS = (1, 3.5, 7, 30)


@pytest.fixture(scope="module")
def lake(month: LakeFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the month's lake."""
    with open_for_reading(month) as connection:
        yield connection


@pytest.fixture(scope="module")
def plain(lake: duckdb.DuckDBPyConnection) -> Plain:
    """Read the month's tables."""
    return Plain(lake)


def asked(lake: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return a query's rows, sorted."""
    return sorted(lake.execute(query).fetchall(), key=str)


@pytest.mark.parametrize("name", statement_names("examples"))
def test_examples(month: LakeFolder, name: str) -> None:
    """Every example runs as the command runs it, and has something to show."""
    out = StringIO()
    with open_query(month, statement(f"examples/{name}")) as query:
        query.write_csv(out)
    assert len(out.getvalue().splitlines()) > 1


@pytest.mark.parametrize(
    ("special", "selling", "price"),
    [("10", "12", 10), ("0", "12", 12), ("NULL", "12", 12), ("0", "0", None), ("NULL", "0", None)],
)
def test_effective_price(
    lake: duckdb.DuckDBPyConnection, special: str, selling: str, price: int | None
) -> None:
    """The special price, else the selling price, and never 0."""
    assert asked(lake, f"SELECT effective_price({special}, {selling})") == [(price,)]


def test_price_changes(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """One row a change between prices that were known, with its size."""
    columns = "product_id, observed_at, category, currency, old_price, new_price"
    expected = sorted(plain.price_changes(), key=str)
    assert len(expected) > 50
    assert asked(lake, f"SELECT {columns} FROM price_changes") == expected
    wrong = """
        SELECT * FROM price_changes
        WHERE amount <> new_price - old_price
            OR abs(percent - 100 * amount::DOUBLE / old_price::DOUBLE) > 0.051
    """
    assert asked(lake, wrong) == []


@pytest.mark.parametrize("days", DAYS)
def test_news_of_some_days(lake: duckdb.DuckDBPyConnection, plain: Plain, days: float) -> None:
    """What fell, came back, came and went in some days before the last check."""
    drops = "SELECT product_id, observed_at, old_price, new_price, price FROM price_drops({})"
    back = "SELECT product_id, sold_out_at, restocked_at FROM restocked({})"
    new = "SELECT product_id, first_seen_at FROM new_products({})"
    gone = "SELECT product_id, delisted_at, last_price FROM gone_products({})"
    assert asked(lake, drops.format(days)) == sorted(plain.price_drops(days), key=str)
    assert asked(lake, back.format(days)) == sorted(plain.restocked(days), key=str)
    assert asked(lake, new.format(days)) == sorted(plain.new_products(days), key=str)
    assert asked(lake, gone.format(days)) == sorted(plain.gone_products(days), key=str)


def test_the_month_has_news_of_every_kind(plain: Plain) -> None:
    """The comparisons above compare something."""
    news = plain.price_drops, plain.restocked, plain.new_products, plain.gone_products
    assert all(list(one(30)) for one in news)
    assert 0 < len(list(plain.new_products(30))) < len(plain.products) / 2


def test_price_stats(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """Lowest, highest and average prices, and the days that stand behind them."""
    found = {tuple(row[:2]): row[2:] for row in asked(lake, "FROM price_stats")}
    expected = {key: stats.row() for key, stats in plain.stats().items()}
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert [None if value is None else float(value) for value in found[key]] == pytest.approx(
            [None if value is None else float(value) for value in row], abs=0.0051
        ), key
    days = [row[-1] for row in found.values()]
    assert max(days) < 26


def test_deals(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """In stock, and so much below the average of 30 days; whether it is the lowest is said."""
    expected = []
    for (product_id, currency), stats in plain.stats().items():
        product, (low, _, average, *_) = plain.products[product_id], stats.row()
        price = price_of(product)
        there = product["is_available"] and product["in_stock"] and product["currency"] == currency
        if there and price and average and float(price) <= 0.9 * round(average, 2):
            expected.append((product_id, price, price <= low, product["seller_rating"]))
    found = "SELECT product_id, price, is_lowest, seller_rating FROM deals(10)"
    assert len(expected) > 3
    assert asked(lake, found) == sorted(expected, key=str)
    assert asked(lake, "SELECT * FROM deals(0) WHERE price >= average_30_days") == []


def test_deals_with_links(lake: duckdb.DuckDBPyConnection) -> None:
    """The same rows, each with the link that `affiliate_url` makes; sub-ids may be left out."""
    for ids in ("'me'", "'me', 'a'", "'me', 'a', 'b'"):
        linked = f"SELECT * EXCLUDE (affiliate_url) FROM deal_links(10, {ids})"
        assert asked(lake, linked) == asked(lake, "FROM deals(10)")
        links = f"SELECT affiliate_url FROM deal_links(10, {ids})"
        made = f"SELECT affiliate_url(product_url, {ids}) FROM deals(10)"
        assert asked(lake, links) == asked(lake, made)


def test_top_movers(lake: duckdb.DuckDBPyConnection) -> None:
    """What rose, fell, came and left between the last two lists of a category."""
    expected = sorted(movers(rows_of(lake, "FROM top_products")), key=str)
    assert asked(lake, "SELECT category, product_id, rank, old_rank FROM top_movers") == expected
    rises = asked(lake, "SELECT rise FROM top_movers WHERE rank = 1 AND old_rank = 3")
    assert {rise for (rise,) in rises} <= {2}
    assert expected


def test_bestselling_books(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """The last list of every category of the tree, under its path."""
    nodes = {row["code"]: row for row in rows_of(lake, "FROM book_categories")}
    last: dict[str, Any] = {}
    for row in rows_of(lake, "FROM top_books"):
        last[row["code"]] = max(row["observed_at"], last.get(row["code"], row["observed_at"]))
    expected = [
        (
            row["code"],
            " > ".join(nodes[row["code"]]["path"]),
            row["rank"],
            row["product_id"],
            price_of(plain.products[row["product_id"]]),
        )
        for row in rows_of(lake, "FROM top_books WHERE product_id IS NOT NULL")
        if row["observed_at"] == last[row["code"]] and not nodes[row["code"]]["delisted_at"]
    ]
    found = "SELECT code, path, rank, product_id, price FROM bestselling_books"
    assert asked(lake, found) == sorted(expected, key=str)


def test_brand_summary(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """Counts and prices of what is listed of a brand."""
    brands: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in plain.products.values():
        if row["brand"] and row["is_available"]:
            brands[row["brand"]].append(row)
    expected = []
    for brand, rows in brands.items():
        prices = [price for row in rows if (price := price_of(row))]
        middle = None if not prices else round(float(median(prices)), 2)
        stocked = sum(row["in_stock"] is True for row in rows)
        extremes = (min(prices, default=None), max(prices, default=None))
        categories = len({row["category"] for row in rows})
        expected.append((brand, len(rows), stocked, categories, *extremes, middle))
    found = """
        SELECT brand, product_count, in_stock_count, category_count, lowest_price, highest_price,
            median_price::DOUBLE
        FROM brand_summary
    """
    assert asked(lake, found) == sorted(expected, key=str)


def test_category_freshness(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """When each was last checked, and how far behind the freshest that is."""
    checked: dict[str, Any] = {}
    for row in plain.checks:
        time = row["started_at"]
        checked[row["category"]] = max(time, checked.get(row["category"], time))
    newest = max(checked.values())
    expected = [
        (category, time, round((newest - time).total_seconds() / 3600, 1))
        for category, time in checked.items()
    ]
    found = "SELECT category, checked_at, lag_hours FROM category_freshness"
    assert asked(lake, found) == sorted(expected, key=str)
    assert (
        asked(
            lake,
            "SELECT category FROM category_freshness JOIN category_status USING (category) "
            "WHERE category_freshness.version IS DISTINCT FROM category_status.version "
            "OR abs(hours_since_check - date_diff('second', category_freshness.checked_at, now()) "
            "/ 3600) > 0.2",
        )
        == []
    )


def test_specification_values(lake: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """One row a value."""
    expected = Counter(
        (product_id, one["group"], one["name"], value)
        for product_id, product in plain.products.items()
        for one in product["specifications"] or []
        for value in one["values"] or []
    )
    found = 'SELECT product_id, "group", name, "value" FROM specification_values'
    assert Counter(asked(lake, found)) == expected
    assert len(expected) > 500
