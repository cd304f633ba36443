"""A delta of 20,000 records merged into millions, beside a bare MERGE of the same rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from storage.commit import commit_walk
from storage.lake import LakeFolder, open_for_writing
from tests.bench.figure import Figure
from tests.bench.lakes import SOURCE, Day, copy_of, day_of, fill, sandbox_frame, stage_day
from tests.bench.measuring import Spread, apart

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


_SIZES = (1_000_000, 5_000_000)
_ROWS = (2_000, 10_000, 20_000)
_ROUNDS = 5


def deltas(folder: Path, scale: float) -> list[Figure]:
    """Measure deltas of 3 sizes into lakes of 1 and 5 million products, at `scale` 1."""
    figures: list[Figure] = []
    medians: list[float] = []
    for size in (round(one * scale) for one in _SIZES):
        lake = folder / f"{size}"
        fill(lake, size)
        made, median = _into(lake, size, [round(one * min(scale, 1)) for one in _ROWS])
        figures += made
        medians.append(median)
    more = f"{medians[-1] / medians[0]:.1f} x"
    return [*figures, Figure("five times as many products take", more, "at most 3 x")]


def _into(lake: Path, size: int, counts: Sequence[int]) -> tuple[list[Figure], float]:
    """Return the figures of some deltas, and the seconds of the last."""
    base = sandbox_frame(lake.with_name("base.parquet"))
    figures: list[Figure] = []
    median = 0.0
    for count in counts:
        ours, bare, peaks = _pairs(lake, day_of(base, 1, size, count))
        median = Spread(ours).median
        ratios = Spread([own / other for own, other in zip(ours, bare, strict=True)])
        last = count == counts[-1]
        figures += [
            Figure(
                f"delta of {count:,} into {size:,}: commit, history and listings included",
                f"{Spread(ours)} s, at most {max(peaks) / 2**20:,.0f} MiB",
                "under 1 GB",
            ),
            Figure(
                f"beside a bare MERGE of the same rows ({Spread(bare).median:.2f} s)",
                f"{ratios} x",
                "at most 2 x" if last else "",
            ),
        ]
    return figures, median


def _pairs(lake: Path, day: Day) -> tuple[list[float], list[float], list[int]]:
    ours: list[float] = []
    bare: list[float] = []
    peaks: list[int] = []
    for _ in range(_ROUNDS):
        measured = apart(commit_seconds, lake, day)
        ours.append(measured.result)
        peaks.append(measured.peak_bytes)
        bare.append(apart(bare_seconds, lake, day).result)
    return ours, bare, peaks


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
