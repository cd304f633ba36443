"""Running by itself: Prefect deployments on their times, one writer at a time, until stopped."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from flows.errors import PrefectServerError, WrongCallError
from flows.prefect_server import LOG, talking_to
from flows.settings import Settings
from flows.standing_server import StandingServer, standing_server
from flows.timetable import Timetable
from flows.when import When
from storage.lake import LakeFolder

if TYPE_CHECKING:
    from prefect.runner import Runner
    from prefect.schedules import Schedule

_HEADSTART = timedelta(seconds=8)
"""The first run of a span is so much after the start: Prefect schedules none in the past."""
RUNS_LOG = "runs.log"
_LONGEST_POLL = 10.0
_STOP_SECONDS = 45.0


def serve_timetable(settings: Settings, timetable: Timetable, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        NotALakeError: there is something else where the lake should be.
        PrefectServerError: the server does not answer, or ended.
        WrongCallError: the port is taken, or a time is none.
    """
    LakeFolder(settings.lake).exists()
    # Ctrl-C reaches every process of the terminal. Blocked here, and so in those that are started
    # here, it is taken by one thread, and runs end as they do on SIGTERM.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    asyncio.run(_serve(settings, timetable, console))


async def _serve(settings: Settings, timetable: Timetable, console: Console) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    home = settings.lake.absolute() / "prefect" / "serve"
    with standing_server(home, timetable.port) as server:
        console.print("starting Prefect", style="dim")
        if await _unless(stop, server.ready()):
            return
        with talking_to(server.api_url):
            runner = await _runner(server, timetable)
            for line in _announcement(server, timetable):
                console.print(line, highlight=False, markup=False, soft_wrap=True)
            with _printing_to(server.home / RUNS_LOG):
                await _run(runner, server, stop)
        console.print("stopped; what was fetched is kept")


@contextmanager
def _printing_to(file: Path) -> Iterator[None]:
    """Send what the runs print to a file: Prefect prints tracebacks of runs that are stopped."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        yield


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # A library's thread that was there before may still take it.
    loop.add_signal_handler(signal.SIGINT, stop.set)

    def wait_for_interrupt() -> None:
        signal.sigwait({signal.SIGINT})
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_interrupt, name="Ctrl-C", daemon=True).start()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Do work, and return whether it was stopped before its end."""
    tasks = [asyncio.create_task(work), asyncio.create_task(stop.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    if not tasks[0].cancelled():
        tasks[0].result()
    return stop.is_set()


async def _runner(server: StandingServer, timetable: Timetable) -> Runner:
    """Return what starts the runs; every job is deployed, on its times or to be started by hand."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.runner import Runner
    from prefect.types.entrypoint import EntrypointType

    from flows.scheduled import JOBS, scheduled

    spans = [when.every.total_seconds() for when in timetable.times.values() if when.every]
    runner = Runner(
        name="feedlake",
        query_seconds=min([_LONGEST_POLL, *(span / 3 for span in spans)]),
        prefetch_seconds=0,
        # Each job is limited below, and the lake's lock lets one of them write at a time.
        limit=None,
        # A server that stays without us must not count up what nobody runs.
        pause_on_shutdown=not server.is_own,
    )
    first = datetime.now(UTC) + _HEADSTART
    for number, job in enumerate(JOBS):
        when = timetable.times[job]
        if job == "alerts" and not timetable.rules.exists():
            when = When()
        schedule = _schedule(job, when, timetable.timezone, first + timedelta(seconds=number))
        deployment = await scheduled.ato_deployment(
            name=job,
            schedules=[schedule] if schedule else [],
            parameters={"job": job},
            entrypoint_type=EntrypointType.MODULE_PATH,
            paused=False,
            # A run that is due while the last one is at work has nothing to add.
            concurrency_limit=ConcurrencyLimitConfig(
                limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
            ),
            tags=["feedlake"],
        )
        await runner.aadd_deployment(deployment)
    return runner


def _schedule(job: str, when: When, timezone: str, first: datetime) -> Schedule | None:
    from prefect.schedules import Cron, Interval

    if when.every:
        return Interval(when.every, anchor_date=first)
    if when.cron is None:
        return None
    try:
        return Cron(when.cron, timezone=timezone)
    except ValueError as error:
        raise WrongCallError(f"{job}: {when.cron!r} is no cron expression; mend it") from error


def _announcement(server: StandingServer, timetable: Timetable) -> Iterator[str]:
    for job, when in timetable.times.items():
        yield f"  {job:<10} {when}"
    yield f"Prefect's page: {server.page_url}"
    yield "Ctrl-C ends it."


async def _run(runner: Runner, server: StandingServer, stop: asyncio.Event) -> None:
    running = asyncio.create_task(runner.start())
    while not runner.started and not running.done():  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.05)
    # The runner has taken the signal for itself, and would end the process in its handler.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    others = [asyncio.create_task(stop.wait()), asyncio.create_task(server.watch())]
    await asyncio.wait([running, *others], return_when=asyncio.FIRST_COMPLETED)
    for one in others:
        one.cancel()
    if runner.started:
        await asyncio.wait([asyncio.create_task(runner.astop())], timeout=_STOP_SECONDS)
    await asyncio.wait([running], timeout=_STOP_SECONDS)
    if server.has_ended:
        raise PrefectServerError(f"Prefect's server ended; see {server.home / LOG}")
    if not stop.is_set():
        raise PrefectServerError(
            f"the Prefect server at {server.page_url} does not answer any more; start this again"
        )
