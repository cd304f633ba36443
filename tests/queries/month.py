"""A month of a small sandbox in a lake; the mirror was off on some days.

The sandbox's days pass in seconds. The lake that they are mirrored into is then copied into another
in which every time of a day's refresh lies on a day of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from pydantic import SecretStr

from feeds.client import Patience
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import EVERY_DAY, Feed
from flows.jobs import plan_jobs
from flows.mirror import open_mirror
from flows.progress import Progress
from flows.settings import Settings
from storage.lake import LakeFolder, open_for_reading, open_for_writing

DAY_0 = datetime(2026, 10, 1, 6, tzinfo=UTC)
DAYS = 30
OFF = (3, 4, 6, 9, 11, 12, 13, 18, 20, 21, 23, 26)
"""Days on which nobody mirrored anything."""
WHOLE = (0, 1, 7, 16, 24, 28, 29)
"""Days on which every category was mirrored; on the others only the first was."""
FEEDS = {0: (Feed.PRODUCT, Feed.TOP), 29: EVERY_DAY}
"""Days on which lists of top sellers and books were mirrored as well."""

_TIMES = """
    SELECT column_name, data_type FROM duckdb_columns()
    WHERE database_name = 'lake' AND table_name = ?
    ORDER BY column_index
"""


def make_month(lake: Path, scratch: Path) -> None:
    """Mirror the month into `scratch`, then copy it into `lake` with its days apart."""
    starts = asyncio.run(_mirror(scratch))
    _copy(LakeFolder(scratch), LakeFolder(lake), starts)


async def _mirror(folder: Path) -> dict[int, datetime]:
    starts = {}
    with Sandbox(products=300, categories=2, seed=5, books=60, rules=Rules(quota=0)) as sandbox:
        settings = Settings(
            affiliate_id=sandbox.affiliate_id,
            affiliate_token=SecretStr(sandbox.token),
            api_url=sandbox.url,
            lake=folder,
            quota=0,
        )
        for day in range(DAYS):
            if day not in OFF:
                categories = [] if day in WHOLE else [min(sandbox.versions())]
                starts[day] = datetime.now(UTC)
                await _refresh(settings, categories, FEEDS.get(day, (Feed.PRODUCT,)))
            sandbox.next_day()
    return starts


async def _refresh(settings: Settings, categories: Sequence[str], feeds: Sequence[Feed]) -> None:
    quick = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)
    async with open_mirror(settings, Progress(), patience=quick) as mirror:
        await mirror.begin(await plan_jobs(mirror, categories, feeds, full=False))
        await asyncio.gather(*(mirror.do(job) for job in mirror.jobs))
        await mirror.end()
    assert {row.status for row in mirror.rows} == {"done"}


def _copy(old: LakeFolder, new: LakeFolder, starts: dict[int, datetime]) -> None:
    with open_for_reading(old) as connection:
        tables = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        views = connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE database_name = 'lake'"
        ).fetchall()
        held = {
            name: connection.execute(f"FROM {name}").to_arrow_table()
            for name in tables
            if (name,) not in views and name != "lake_format"
        }
    with open_for_writing(new) as connection:
        moments = list(starts.values())
        days = [DAY_0 + timedelta(days=day, minutes=7 * (day % 5)) for day in starts]
        connection.execute("SET VARIABLE starts = ?", [moments])
        connection.execute("SET VARIABLE days = ?", [days])
        connection.execute("BEGIN")
        for name, rows in held.items():
            connection.register("rows", rows)
            connection.execute(f"INSERT INTO {name} SELECT {_moved(connection, name)} FROM rows")
        connection.execute("COMMIT")


def _moved(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    run = "len(list_filter(getvariable('starts'), lambda start: start <= {0}))"
    moved = f"{{0}} - getvariable('starts')[{run}] + getvariable('days')[{run}]"
    columns = connection.execute(_TIMES, [table]).fetchall()
    return ", ".join(
        moved.format(f'"{name}"') if kind == "TIMESTAMP WITH TIME ZONE" else f'"{name}"'
        for name, kind in columns
    )
