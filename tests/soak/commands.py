"""Whole commands that are killed: `feedlake refresh` through Prefect, under one server."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from flows.prefect_server import prefect_server
from storage.errors import LakeError
from tests.soak.killing import Killer, Moment, Tally, check, moments
from tests.soak.refreshing import environment_of

_FEEDLAKE = str(Path(sys.executable).parent / "feedlake")
_LONGEST = 120


def kill_commands(folder: Path, seed: int, count: int) -> Tally:
    """Kill so many commands while they hold the lake; recover after each few.

    Args:
        folder: an empty one.
        seed: fixes when each is killed.
        count: how many.

    Returns:
        The tally; a command that was faster than its kill counts as survived.
    """
    draw = random.Random(seed)  # noqa: S311 - the same seed kills after the same times
    with moments(folder, seed=seed % 1000) as known, prefect_server(folder / "prefect") as server:
        asyncio.run(server.ready())
        killer = Killer(folder, known)
        while killer.tally.kills < count and killer.tally.survived <= count:
            moment = draw.choice(known)
            waits = [draw.uniform(0, 2.5) for _ in range(draw.randint(1, 3))]
            try:
                _chain(killer, moment, folder / "lake", waits, server.api_url)
            except (AssertionError, LakeError) as error:
                killer.tally.failures.append(f"command, {moment.name}, after {waits} s: {error}")
    return killer.tally


def _chain(killer: Killer, moment: Moment, lake: Path, waits: list[float], api_url: str) -> None:
    shutil.rmtree(lake, ignore_errors=True)
    if moment.base:
        shutil.copytree(moment.base, lake)
    for wait in waits:
        if _killed(moment, lake, wait, api_url):
            killer.tally.kills += 1
        else:
            killer.tally.survived += 1
        check(moment, lake)
    killer.recover(moment, lake)


def _killed(moment: Moment, lake: Path, wait: float, api_url: str) -> bool:
    """Run the command and kill it so long after it took the lake; tell whether it lived on."""
    process = subprocess.Popen(
        [_FEEDLAKE, "refresh", "--feed", moment.feed.value],
        env=environment_of(moment.sandbox, lake, api_url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + _LONGEST
    while process.poll() is None and not _is_held(lake, process.pid):
        assert time.monotonic() < deadline, "the command does not begin"
        time.sleep(0.01)
    try:
        _, complaint = process.communicate(timeout=wait)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 0, complaint
    return False


def _is_held(lake: Path, process_id: int) -> bool:
    lock = lake / "writer.lock"
    return lock.exists() and lock.read_text(encoding="ascii") == str(process_id)
