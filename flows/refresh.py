"""The Prefect flow `refresh`: every feed of every category side by side, one task each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.feed import EVERY_DAY, Feed
from flows.jobs import plan_jobs
from flows.mirror import Mirror, name_of, open_mirror
from flows.progress import Progress
from flows.settings import read_settings

opened_mirror: ContextVar[Mirror | None] = ContextVar("opened_mirror", default=None)
"""A mirror that the caller has begun already. Connections and secrets are no flow parameters:
Prefect would keep and show them."""


@flow(name="refresh", flow_run_name="refresh")
async def refresh(
    categories: Sequence[str] = (),
    feeds: Sequence[Feed] = EVERY_DAY,
    *,
    full: bool = False,
    in_stock: bool = False,
) -> State[None]:
    """Refresh the feeds of the categories, all for none; one that fails leaves the others alone."""
    async with _begun_mirror(categories, feeds, full=full, in_stock=in_stock) as mirror:

        @task(name="feed", task_run_name="{name}", cache_policy=NO_CACHE)
        async def do(name: str) -> State[None]:
            row = await mirror.do(jobs[name])
            if row.status == "failed":
                return Failed(message=row.error)
            counts = f"{row.new_count} new, {row.changed_count} changed"
            return Completed(message=f"{row.mode}: {counts}, {row.delisted_count} delisted")

        jobs = {name_of(job): job for job in mirror.jobs}
        # Prefect's types do not say that an asynchronous task called for its state is awaited.
        tasks = [cast("Awaitable[object]", do(name, return_state=True)) for name in jobs]
        await asyncio.gather(*tasks)
        await mirror.end()
        failed = [row.category for row in mirror.rows if row.status == "failed"]
    if failed:
        return Failed(message=f"{len(failed)} of {len(jobs)} failed: {', '.join(failed)}")
    return Completed(message=f"{len(jobs)} feeds")


@asynccontextmanager
async def _begun_mirror(
    categories: Sequence[str], feeds: Sequence[Feed], *, full: bool, in_stock: bool
) -> AsyncIterator[Mirror]:
    if mirror := opened_mirror.get():
        yield mirror
        return
    async with open_mirror(read_settings().with_credentials(), Progress()) as mirror:
        jobs = await plan_jobs(mirror, categories, feeds, full=full, in_stock=in_stock)
        await mirror.begin(jobs)
        yield mirror
