"""A delta of 20,000 records merged into millions, beside a bare MERGE of the same rows."""

from __future__ import annotations

import time
from pathlib import Path

from storage.commit import commit_walk
from storage.lake import LakeFolder, open_for_writing
from tests.bench.lakes import SOURCE, Day, copy_of, stage_day

_BARE = """
    MERGE INTO products AS known
    USING (
        SELECT * REPLACE (
            map_from_entries(image_urls) AS image_urls,
            coalesce(is_available, true) AS is_available
        )
        FROM read_parquet(getvariable('staged_pages'))
    ) AS arrival ON known.product_id = arrival.product_id
    WHEN MATCHED THEN UPDATE SET
        ${same},
        changed_at = arrival.fetched_at
    WHEN NOT MATCHED THEN INSERT (${names}, feed, content_hash, first_seen_at, changed_at)
        VALUES (${values}, 'product', 0, arrival.fetched_at, arrival.fetched_at)
"""


def commit_seconds(lake: Path, day: Day) -> float:
    """Merge a staged delta as a refresh does; return the seconds."""
    copy = copy_of(lake, "ours")
    with open_for_writing(LakeFolder(copy)) as connection:
        staged = stage_day(copy, day, "delta", "category 0")
        began = time.perf_counter()
        row = commit_walk(connection, staged, SOURCE)
        seconds = time.perf_counter() - began
    assert row.new_count == day.frame.height // 10
    assert row.changed_count + row.delisted_count + row.new_count == day.frame.height
    return seconds


def bare_seconds(lake: Path, day: Day) -> float:
    """Do nothing but a MERGE of the same rows into `products`."""
    copy = copy_of(lake, "bare")
    with open_for_writing(LakeFolder(copy)) as connection:
        staged = stage_day(copy, day, "delta", "category 0")
        connection.execute("SET VARIABLE staged_pages = ?", [staged.page_files])
        columns = [*SOURCE.carried]
        text = _BARE.replace("${same}", ", ".join(f'"{one}" = arrival."{one}"' for one in columns))
        names = [*columns, "record_source"]
        text = text.replace("${names}", ", ".join(f'"{one}"' for one in names))
        text = text.replace("${values}", ", ".join(f'arrival."{one}"' for one in names))
        began = time.perf_counter()
        connection.execute("BEGIN")
        connection.execute(text)
        connection.execute("COMMIT")
        return time.perf_counter() - began
