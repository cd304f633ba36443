"""What an analyst asks after 30 daily deltas, beside the same asked of one plain Parquet file."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb

from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.upkeep import maintain
from tests.bench.figure import Figure
from tests.bench.lakes import day_of, fill, merge_day, sandbox_frame
from tests.bench.measuring import Spread, in_turn

_PRODUCTS = 5_000_000
_DELTA = 20_000
_DAYS = 30
_ROUNDS = 7
_SECONDS = 3.0
"""How long each question is asked at least: what takes milliseconds is asked a hundred times."""

_QUESTIONS = {
    "one product": "SELECT * FROM {products} WHERE product_id = '0000000000012345'",
    "brands by count and price": (
        "SELECT brand, count(*), avg(selling_price) FROM {products} GROUP BY brand"
    ),
    "price drops of a week": """
        SELECT product_id, price, before
        FROM (
            SELECT product_id, selling_price AS price, observed_at, lag(selling_price) OVER (
                PARTITION BY product_id ORDER BY observed_at) AS before
            FROM {history}
            WHERE product_id IN (
                SELECT product_id FROM {history}
                WHERE observed_at > (SELECT max(observed_at) FROM {history}) - INTERVAL 7 DAYS)
        )
        WHERE price < before
        ORDER BY before - price DESC LIMIT 100""",
    "history of one product": (
        "SELECT * FROM {history} WHERE product_id = '0000000000012345' ORDER BY observed_at"
    ),
}


def asking(folder: Path, scale: float) -> list[Figure]:
    """Measure 5 million products at `scale` 1."""
    size, rows = round(_PRODUCTS * scale), round(_DELTA * min(scale, 1))
    lake = folder / "asked"
    fill(lake, size)
    base = sandbox_frame(folder / "base.parquet")
    for number in range(1, _DAYS + 1):
        day = day_of(base, number, size, rows, category=number % 16)
        with open_for_writing(LakeFolder(lake)) as connection:
            merge_day(connection, lake, day, mode="delta", category=f"category {number % 16}")
    before = _ratios(lake, folder)
    upkeep = maintain(LakeFolder(lake), timedelta(days=0), alone=True)
    after = _ratios(lake, folder)
    files = f"{upkeep.before.file_count} files to {upkeep.after.file_count}"
    return [
        Figure(
            f"{what}, of {size:,} products after {_DAYS} deltas, times that of plain Parquet",
            f"{before[what]}, after `maintain` {after[what]}",
            "after: at most 1.5",
        )
        for what in _QUESTIONS
    ] + [Figure("files that `maintain` made fewer", files)]


def _ratios(lake: Path, folder: Path) -> dict[str, str]:
    plain = duckdb.connect()
    with open_for_reading(LakeFolder(lake)) as connection:
        connection.execute("BEGIN")
        for table in ("products", "price_history"):
            file = folder / f"{table}.parquet"
            connection.execute(f"COPY (FROM {table}) TO '{file}' (FORMAT parquet)")
        told = {}
        for what, question in _QUESTIONS.items():
            here = question.format(products="products", history="price_history")
            there = question.format(
                products=f"'{folder}/products.parquet'", history=f"'{folder}/price_history.parquet'"
            )
            began = perf_counter()
            assert len(_answer(connection, here)) == len(_answer(plain, there)) > 0
            rounds = max(_ROUNDS, round(_SECONDS / (perf_counter() - began)))
            ours, theirs = in_turn(
                rounds,
                partial(_answer, connection, here),
                partial(_answer, plain, there),
            )
            told[what] = f"{Spread.of_ratios(theirs, ours)} ({Spread(ours).median:.3f} s)"
    return told


def _answer(connection: duckdb.DuckDBPyConnection, question: str) -> list[tuple[Any, ...]]:
    return connection.execute(question).fetchall()
