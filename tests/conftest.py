"""What every test may ask for: the captured answers, a mirror, a query, the command itself."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import SecretStr

from feeds.client import Patience
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from flows.jobs import plan_jobs
from flows.mirror import Mirror, open_mirror
from flows.prefect_server import prefect_server
from flows.progress import Progress
from flows.settings import Settings
from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.refreshes import RefreshRow

ROOT = Path(__file__).parent.parent
CAPTURES = ROOT.parent / "shared" / "captures"
QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)


class Upstream(Protocol):
    """A server to mirror: the sandbox, or one that follows a script."""

    url: str
    affiliate_id: str
    token: str


During = Callable[[Mirror], Awaitable[None]]
Refresh = Callable[..., dict[str, RefreshRow]]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of captured answers; a test that needs them is skipped without."""
    if not CAPTURES.exists():
        pytest.skip("the captured answers are not beside the checkout")
    return CAPTURES


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a folder for a lake; nothing is in it yet."""
    return tmp_path / "lake"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a module makes the lake that each of its tests has a copy of."""
    return tmp_path_factory.mktemp("original") / "lake"


@pytest.fixture(scope="session")
def made_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake without data, to copy: making one takes longer than most tests."""
    root = tmp_path_factory.mktemp("made") / "lake"
    with open_for_writing(LakeFolder(root)):
        return root


@pytest.fixture
def refresh(lake: Path) -> Refresh:
    """Return what refreshes the lake from an upstream, below Prefect: rows by category."""

    def run(
        upstream: Upstream,
        *categories: str,
        feeds: Sequence[Feed] = (Feed.PRODUCT,),
        full: bool = False,
        in_stock: bool = False,
        quota: float = 0,
        during: During | None = None,
        into: Path = lake,
        **other: Any,
    ) -> dict[str, RefreshRow]:
        settings = Settings(
            affiliate_id=upstream.affiliate_id,
            affiliate_token=SecretStr(upstream.token),
            api_url=upstream.url,
            lake=into,
            quota=quota,
            **other,
        )
        work = _refresh(settings, categories, feeds, full=full, in_stock=in_stock, during=during)
        rows = asyncio.run(work)
        return {row.category: row for row in rows}

    return run


async def _refresh(
    settings: Settings,
    categories: tuple[str, ...],
    feeds: Sequence[Feed],
    *,
    full: bool,
    in_stock: bool,
    during: During | None,
) -> list[RefreshRow]:
    async with open_mirror(settings, Progress(), patience=QUICK) as mirror:
        jobs = await plan_jobs(mirror, categories, feeds, full=full, in_stock=in_stock)
        await mirror.begin(jobs)
        work: list[Awaitable[object]] = [mirror.do(job) for job in mirror.jobs]
        if during:
            work.append(during(mirror))
        await asyncio.gather(*work)
        await mirror.end()
    return mirror.rows


@pytest.fixture
def ask(lake: Path) -> Ask:
    """Return what asks the lake, now or as it was."""

    def run(query: str, at: int | None = None, of: Path = lake) -> list[tuple[Any, ...]]:
        with open_for_reading(LakeFolder(of), at) as connection:
            return connection.execute(query).fetchall()

    return run


@pytest.fixture
def small_sandbox() -> Iterator[Sandbox]:
    """Serve 1,500 made-up products in three categories."""
    with Sandbox(products=1500, categories=3, seed=11, rules=Rules(quota=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Hold one Prefect server for every command of the session: starting one takes seconds."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as server:
        asyncio.run(server.ready())
        yield server.api_url


@pytest.fixture
def command(lake: Path, tmp_path: Path) -> Command:
    """Return what runs `feedlake ...` as a process of its own, in an empty folder."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / "feedlake"), *arguments],
            env=command_environment(lake) | dict(env or {}),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def command_environment(lake: Path) -> dict[str, str]:
    """Return an environment with a lake, no credentials and nobody's terminal."""
    # Workers that run tests side by side are told how wide a terminal is.
    own = ("FK_", "FEEDLAKE_", "PREFECT_", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return kept | {"FEEDLAKE_LAKE": str(lake)}
