"""Lakes of millions of products, and days that change them, made from the sandbox's records.

A product is a sandbox's record under a new id: wide, with its specifications, as the vendor's are.
The lake is filled by SQL; days are staged and merged as any walk is.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import orjson
import polars as pl

from feeds.page import decode_page
from feeds.product.source import CARRIED_BY, V1_JSON
from feeds.sandbox.synthetic import synthetic
from flows.page_writer import PAGES_TOGETHER
from storage.commit import Source, commit_walk
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import RefreshRow, new_id
from storage.staging import ReadPage, StagedPage, StagedWalk, Staging, WalkPlan

CATEGORIES = 16
SOURCE = Source(V1_JSON, CARRIED_BY)
_BASE = 20_000
_PAGE = 500
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def sandbox_frame(kept: Path, count: int = _BASE) -> pl.DataFrame:
    """Return so many different records of the sandbox, as the decoder gives them.

    Args:
        kept: a file to keep them in for the next time.
        count: how many.
    """
    if not kept.exists():
        _made(count).write_parquet(kept)
    return pl.read_parquet(kept)


def _made(count: int) -> pl.DataFrame:
    catalogue = synthetic(count, 1, books=0)
    (category,) = catalogue.categories.values()
    records = [one for slot in range(len(category)) if (one := category.record(slot))]
    pages = [records[start : start + _PAGE] for start in range(0, len(records), _PAGE)]
    frames = [decode_page(orjson.dumps({"products": page})).frame for page in pages]
    return pl.concat(frames).unique("product_id", keep="first", maintain_order=True).head(count)


def fill(folder: Path, product_count: int) -> None:
    """Make a lake of so many products in `CATEGORIES` categories."""
    frame = sandbox_frame(folder.with_name("base.parquet"))
    base = frame.height
    with open_for_writing(LakeFolder(folder)) as connection:
        row = merge_day(connection, folder, Day(0, frame), mode="full", category="category 0")
        assert row.new_count == base
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TEMP TABLE base AS SELECT *, row_number() OVER () - 1 AS place FROM products"
        )
        connection.execute("DELETE FROM products")
        connection.execute("DELETE FROM product_categories")
        connection.execute("DELETE FROM price_history")
        for number in range(CATEGORIES):
            connection.execute("SET VARIABLE category = ?", [f"category {number}"])
            connection.execute("SET VARIABLE low = ?", [number * product_count // CATEGORIES])
            connection.execute(
                "SET VARIABLE high = ?", [(number + 1) * product_count // CATEGORIES]
            )
            connection.execute(_NUMBERED.format(base=base))
            connection.execute(
                "INSERT INTO category_versions VALUES (getvariable('category'), 1, 'made', ?)",
                [_FIRST_DAY],
            )
        connection.execute(
            "INSERT INTO product_categories "
            "SELECT product_id, category, first_seen_at, NULL FROM products"
        )
        connection.execute(
            "INSERT INTO price_history "
            "SELECT product_id, first_seen_at, currency, mrp, selling_price, special_price, "
            "in_stock, is_available, category, feed, 'made' FROM products"
        )
        connection.execute("COMMIT")


_NUMBERED = """
    INSERT INTO products BY NAME
    SELECT * EXCLUDE (number, place) REPLACE (
        printf('%016d', number) AS product_id,
        getvariable('category') AS category,
        product_id || ' ' || title AS title
    )
    FROM (
        SELECT unnest(range(getvariable('low')::BIGINT, getvariable('high')::BIGINT)) AS number
    )
    JOIN base ON place = number % {base}
"""


@dataclass(frozen=True)
class Day:
    """What one delta says.

    Attributes:
        number: the category's version.
        frame: records as the decoder gives them.
    """

    number: int
    frame: pl.DataFrame


def day_of(
    base: pl.DataFrame, number: int, product_count: int, row_count: int, category: int = 0
) -> Day:
    """Return a delta of a category: of 20 rows, 17 have new prices, 2 are new and 1 is gone."""
    first = category * product_count // CATEGORIES
    size = (category + 1) * product_count // CATEGORIES - first
    new_count, gone_count = row_count // 10, row_count // 20
    picked = pl.select(
        number=pl.int_range(first, first + size).sample(row_count - new_count, seed=number)
    )
    new = pl.select(
        number=pl.int_range(new_count) + product_count * (number + 1) + category * 10**9
    )
    rows = pl.concat([picked, new]).with_row_index("place")
    wide = base.with_row_index("base").join(
        rows.with_columns(base=(pl.col("place") % base.height).cast(pl.UInt32)), on="base"
    )
    price = ((pl.col("place") * 7919 + number * 104_729) % 90_000 / 100 + 99).cast(
        pl.Decimal(12, 2)
    )
    frame = wide.with_columns(
        product_id=pl.col("number").cast(pl.String).str.zfill(16),
        selling_price=price,
        special_price=price,
        is_available=pl.when(pl.col("place") < gone_count).then(pl.lit(value=False)),
        record_number=(pl.col("place") % _PAGE).cast(base.schema["record_number"]),
    ).sort("place")
    return Day(number, frame.select(base.columns))


def without_deletions(day: Day) -> Day:
    """Return the same day, on which what was deleted has a new price instead."""
    kept = pl.lit(None, pl.Boolean)
    return Day(day.number, day.frame.with_columns(is_available=kept))


def stage_day(folder: Path, day: Day, mode: str, category: str) -> StagedWalk:
    """Stage a day's pages, of 500 records each, as a refresh writes them."""
    staged = Staging(LakeFolder(folder).staging).begin(
        WalkPlan(
            refresh_id=new_id(),
            run_id="bench",
            category=category,
            feed="product",
            mode=mode,
            from_version=day.number or None,
            to_version=day.number + 1,
            started_at=datetime.now(UTC),
            path="/bench",
            record_source=V1_JSON,
            carried=SOURCE.carried,
        )
    )
    pages = list(day.frame.iter_slices(_PAGE))
    reads: list[ReadPage] = []
    for number, page in enumerate(pages, start=1):
        link = None if number == len(pages) else f"/bench/{number + 1}"
        fetched_at = max(datetime.now(UTC), _FIRST_DAY + timedelta(days=day.number))
        row = StagedPage(
            page_number=number,
            cursor=str(number),
            next_cursor=link and str(number + 1),
            next_path=link,
            last_product_id=None,
            record_count=page.height,
            rejected_count=0,
            byte_count=0,
            content_hash="",
            fetched_at=fetched_at,
            path=f"/bench/{number}",
        )
        reads.append(ReadPage(row, page))
    for start in range(0, len(reads), PAGES_TOGETHER):
        staged.add(*reads[start : start + PAGES_TOGETHER])
    return staged


def merge_day(
    connection: duckdb.DuckDBPyConnection, folder: Path, day: Day, *, mode: str, category: str
) -> RefreshRow:
    """Stage and merge a day, as a refresh does."""
    staged = stage_day(folder, day, mode, category)
    row = commit_walk(connection, staged, SOURCE)
    staged.discard()
    return row


def copy_of(folder: Path, name: str) -> Path:
    """Return a copy whose data files are the same files: they never change once written."""
    copy = folder.with_name(name)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("data"))
    shutil.copytree(folder / "data", copy / "data", copy_function=_link)
    return copy


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
