"""A dump of millions of rows, read, staged and merged into a new lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from feeds.dump.dump import Dump
from flows.dumps import stage_rows
from flows.progress import JobProgress
from flows.settings import MERGE_MEMORY
from storage.commit import Source, commit_walk
from storage.lake import LakeFolder, open_for_writing
from storage.refreshes import new_id
from storage.staging import Staging, WalkPlan
from tests.bench.dump_million import write_numbered
from tests.bench.figure import Figure
from tests.bench.measuring import apart

_ROWS = 2_000_000
_BROKEN_EVERY = 25_000


def dumping(folder: Path, scale: float) -> list[Figure]:
    """Measure 2 million rows at `scale` 1, and a fifth of them."""
    rows = round(_ROWS * scale)
    file = folder / "dump.zip"
    figures = []
    for count in (rows // 5, rows):
        broken = len(write_numbered(file, count, _BROKEN_EVERY))
        measured = apart(merged, file, folder / f"{count}")
        assert measured.result == count - broken
        figures += [
            Figure(
                f"dump of {count:,} rows into a new lake",
                f"{count / measured.seconds:,.0f} rows a second",
            ),
            Figure("most memory of it", measured.peak, "under 1 GB"),
        ]
    return figures


def merged(file: Path, lake: Path) -> int:
    """Mirror a dump; return the count of new products."""
    folder = LakeFolder(lake)
    now = datetime.now(UTC)
    with open_for_writing(folder, MERGE_MEMORY) as connection, Dump(file) as dump:
        name = f"{dump.api_version} csv"
        plan = WalkPlan(
            refresh_id=new_id(),
            run_id="bench",
            category="dumped",
            feed="dump",
            mode="dump",
            from_version=None,
            to_version=None,
            started_at=now,
            path="/dump",
            record_source=name,
            carried=dump.carried,
            header=dump.header,
        )
        staged = Staging(folder.staging).begin(plan)
        stage_rows(staged, dump, now, JobProgress())
        row = commit_walk(connection, staged, Source(name, {name: dump.carried}))
    return row.new_count
