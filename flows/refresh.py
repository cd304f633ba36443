"""The Prefect flow `refresh`: every category side by side, one task each."""

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

from flows.mirror import Mirror, open_mirror
from flows.progress import Progress
from flows.settings import read_settings

opened_mirror: ContextVar[Mirror | None] = ContextVar("opened_mirror", default=None)
"""A mirror that the caller has begun already. Connections and secrets are no flow parameters:
Prefect would keep and show them."""


@flow(name="refresh", flow_run_name="refresh")
async def refresh(categories: Sequence[str] = (), *, full: bool = False) -> State[None]:
    """Refresh the categories, all of them for none; one that fails leaves the others alone."""
    async with _begun_mirror(categories) as mirror:

        @task(name="category", task_run_name="{category}", cache_policy=NO_CACHE)
        async def refresh_category(category: str) -> State[None]:
            row = await mirror.refresh(category, full=full)
            if row.status == "failed":
                return Failed(message=row.error)
            counts = f"{row.new_count} new, {row.changed_count} changed"
            return Completed(message=f"{row.mode}: {counts}, {row.delisted_count} delisted")

        names = list(mirror.listings)
        # Prefect's types do not say that an asynchronous task called for its state is awaited.
        tasks = [
            cast("Awaitable[object]", refresh_category(name, return_state=True)) for name in names
        ]
        await asyncio.gather(*tasks)
        await mirror.end()
        failed = [row.category for row in mirror.rows if row.status == "failed"]
    if failed:
        return Failed(message=f"{len(failed)} of {len(names)} failed: {', '.join(failed)}")
    return Completed(message=f"{len(names)} categories")


@asynccontextmanager
async def _begun_mirror(categories: Sequence[str]) -> AsyncIterator[Mirror]:
    if mirror := opened_mirror.get():
        yield mirror
        return
    async with open_mirror(read_settings().with_credentials(), Progress()) as mirror:
        await mirror.begin(categories)
        yield mirror
