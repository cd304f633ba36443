"""A delta of 20,000 records merged into millions, beside a bare MERGE of the same rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import duckdb

from flows.settings import MERGE_MEMORY
from storage.commit import commit_walk
from storage.lake import LakeFolder, open_for_writing
from storage.staging import StagedWalk
from tests.bench.figure import Figure
from tests.bench.lakes import (
    SOURCE,
    Day,
    copy_of,
    day_of,
    fill,
    merge_day,
    sandbox_frame,
    stage_day,
    without_deletions,
)
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
        is_available = arrival.is_available,
        changed_at = arrival.fetched_at
    WHEN NOT MATCHED THEN INSERT (${names}, feed, content_hash, first_seen_at, changed_at)
        VALUES (${values}, 'product', 0, arrival.fetched_at, arrival.fetched_at)
"""

_TOLD = ("product_id", "is_available")
_OVERWRITTEN = '"{0}" = arrival."{0}"'
"""Of a deleted product too: what it was need not be read, and is gone."""
_KEPT = '"{0}" = CASE WHEN arrival.is_available THEN arrival."{0}" ELSE known."{0}" END'

_SIZES = (1_000_000, 5_000_000)
_ROWS = (2_000, 10_000, 20_000)
_EARLIER = 40
"""Rows of a delta that is merged before: what Python loads once is not of every delta."""

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
    days = [day_of(base, 1, size, count) for count in counts]
    earlier = day_of(base, 2, size, _EARLIER, category=1)
    figures: list[Figure] = []
    median = 0.0
    for day in days:
        taken = _taken(lake, earlier, day)
        median = Spread(taken.ours).median
        figures += [
            Figure(
                f"delta of {day.frame.height:,} into {size:,}: commit, history and listings "
                "included",
                f"{Spread(taken.ours)} s, at most {max(taken.peaks) / 2**20:,.0f} MiB",
                "under 1 GB",
            ),
            Figure(
                f"beside a bare MERGE of the same rows{_seconds(taken)}",
                taken.times,
                "at most 2 x" if day is days[-1] else "",
            ),
        ]
    alike = _taken(lake, earlier, days[-1], _KEPT)
    without = _taken(lake, earlier, without_deletions(days[-1]))
    figures += [
        Figure(
            f"beside one that keeps what a deleted product was{_seconds(alike)}",
            alike.times,
            "at most 2 x",
        ),
        Figure(
            f"beside the bare one where nothing is deleted{_seconds(without)}",
            without.times,
            "at most 2 x",
        ),
    ]
    return figures, median


def _seconds(taken: _Taken) -> str:
    return f" ({Spread(taken.bare).median:.2f} s)"


@dataclass(frozen=True)
class _Taken:
    """Seconds of a delta, round by round.

    Attributes:
        ours: merged as a refresh does.
        peaks: the most memory it held meanwhile, in bytes.
        bare: by a MERGE alone.
    """

    ours: list[float]
    peaks: list[int]
    bare: list[float]

    @property
    def times(self) -> str:
        """How many times as long as the bare MERGE ours took."""
        return f"{Spread.of_ratios(self.bare, self.ours)} x"


def _taken(lake: Path, earlier: Day, day: Day, assigned: str = _OVERWRITTEN) -> _Taken:
    taken = _Taken([], [], [])
    for _ in range(_ROUNDS):
        measured = apart(commit_seconds, lake, earlier, day)
        taken.ours.append(measured.result)
        taken.peaks.append(measured.peak_bytes)
        taken.bare.append(apart(bare_seconds, lake, earlier, day, assigned).result)
    return taken


def commit_seconds(lake: Path, earlier: Day, day: Day) -> float:
    """Merge a staged delta as a refresh does, after another's; return the seconds."""
    copy = copy_of(lake, "ours")
    with open_for_writing(LakeFolder(copy), MERGE_MEMORY) as connection:
        merge_day(connection, copy, earlier, mode="delta", category="category 1")
        staged = stage_day(copy, day, "delta", "category 0")
        began = time.perf_counter()
        row = commit_walk(connection, staged, SOURCE)
        seconds = time.perf_counter() - began
    assert row.new_count == day.frame.height // 10
    assert row.changed_count + row.delisted_count + row.new_count == day.frame.height
    return seconds


def bare_seconds(lake: Path, earlier: Day, day: Day, assigned: str) -> float:
    """Do nothing but a MERGE of the same rows into `products`, after another's.

    Args:
        lake: the lake, of which a copy is changed.
        earlier: the other delta.
        day: the delta that is measured.
        assigned: what a column of a known product becomes.
    """
    copy = copy_of(lake, "bare")
    names = [*SOURCE.carried, "record_source"]
    text = Template(_BARE).substitute(
        same=", ".join(assigned.format(one) for one in SOURCE.carried if one not in _TOLD),
        names=", ".join(f'"{one}"' for one in names),
        values=", ".join(f'arrival."{one}"' for one in names),
    )
    with open_for_writing(LakeFolder(copy), MERGE_MEMORY) as connection:
        _merge_barely(connection, stage_day(copy, earlier, "delta", "category 1"), text)
        staged = stage_day(copy, day, "delta", "category 0")
        began = time.perf_counter()
        _merge_barely(connection, staged, text)
        return time.perf_counter() - began


def _merge_barely(connection: duckdb.DuckDBPyConnection, staged: StagedWalk, text: str) -> None:
    connection.execute("SET VARIABLE staged_pages = ?", [staged.page_files])
    connection.execute("BEGIN")
    connection.execute(text)
    connection.execute("COMMIT")
