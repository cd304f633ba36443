"""Refreshing a lake with the code that the command runs, without Prefect around it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from pydantic import SecretStr

from feeds.client import Patience
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from flows.jobs import plan_jobs
from flows.mirror import open_mirror
from flows.progress import Progress
from flows.settings import Settings
from storage.refreshes import RefreshRow

_QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)


def settings_of(url: str, affiliate_id: str, token: str, lake: Path) -> Settings:
    """Return settings that mirror a sandbox into a lake as fast as it answers."""
    return Settings(
        affiliate_id=affiliate_id,
        affiliate_token=SecretStr(token),
        api_url=url,
        lake=lake,
        quota=0,
    )


def environment_of(sandbox: Sandbox, lake: Path, prefect_api: str) -> dict[str, str]:
    """Return the environment of a command that does the same, under a running Prefect server."""
    return os.environ | {
        "FK_AFFILIATE_ID": sandbox.affiliate_id,
        "FK_AFFILIATE_TOKEN": sandbox.token,
        "FEEDLAKE_API_URL": sandbox.url,
        "FEEDLAKE_LAKE": str(lake),
        "FEEDLAKE_QUOTA": "0",
        "PREFECT_API_URL": prefect_api,
    }


async def refresh_lake(
    settings: Settings, *, feed: Feed = Feed.PRODUCT, full: bool = False, in_stock: bool = False
) -> list[RefreshRow]:
    """Refresh one feed of every category; return what became of each."""
    async with open_mirror(settings, Progress(), patience=_QUICK) as mirror:
        await mirror.begin(await plan_jobs(mirror, (), (feed,), full=full, in_stock=in_stock))
        await asyncio.gather(*(mirror.do(job) for job in mirror.jobs))
        await mirror.end()
    return mirror.rows
