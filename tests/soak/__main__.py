"""The long run: `make soak SECONDS=600`, or `python -m tests.soak --seconds 600 --seed 7`.

Its parts, each told how long it may take: `kills` of refreshes at points spread over every write
and commit, `commands` killed whole, `chaos` of an upstream that fails, `lives` of random days, a
`crowd` of commands and readers at one lake. A failure is printed with what brings it back, the run
goes on, and the exit status is 1 at its end.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.soak.chaos import chaos_for
from tests.soak.commands import kill_commands
from tests.soak.crowd import crowd_for
from tests.soak.killing import Killer, kill_for, moments
from tests.soak.life import Life, quickly

_LIVES = 5
_KILLED_COMMAND_SECONDS = 12

Part = Callable[[Path, int, float], list[str]]


def soak(
    *,
    seconds: Annotated[float, typer.Option(help="How long, all in all.", min=1)] = 600,
    seed: Annotated[int | None, typer.Option(help="Fixes every choice; random by default.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Parts to do; all by default.")] = None,
) -> None:
    """Do every part for its share of the time."""
    seed = random.SystemRandom().randrange(1 << 31) if seed is None else seed
    typer.echo(f"seed {seed}")
    chosen = {name: _PARTS[name] for name in only or _PARTS}
    whole = sum(share for share, _ in chosen.values())
    failures: list[str] = []
    for name, (share, part) in chosen.items():
        with tempfile.TemporaryDirectory() as folder:
            failures += [
                f"{name}: {one}" for one in part(Path(folder), seed, seconds * share / whole)
            ]
    for failure in failures:
        typer.echo(f"FAILED {failure}", err=True)
    typer.echo(f"{len(failures)} failures with seed {seed}")
    sys.exit(bool(failures))


def _kill(folder: Path, seed: int, seconds: float) -> list[str]:
    with moments(folder, seed=seed % 1000) as known:
        killer = Killer(folder, known)
        kill_for(killer, seed, seconds=seconds, tell=typer.echo)
    tally = killer.tally
    typer.echo(
        f"{tally.kills} kills at {len(tally.points)} different points and at random times, "
        f"{tally.recoveries} recoveries, {tally.survived} refreshes ended before their point, "
        f"cuts inside writes: {'yes' if killer.cuts_writes else 'no C compiler'}"
    )
    return tally.failures


def _kill_commands(folder: Path, seed: int, seconds: float) -> list[str]:
    tally = kill_commands(folder, seed, max(round(seconds / _KILLED_COMMAND_SECONDS), 1))
    typer.echo(f"{tally.kills} whole commands killed, {tally.recoveries} recoveries")
    return tally.failures


def _chaos(folder: Path, seed: int, seconds: float) -> list[str]:
    chaos = chaos_for(folder, seed, seconds)
    typer.echo(
        f"{chaos.outcomes.total()} runs with {chaos.faults.total()} faults: {dict(chaos.outcomes)}"
    )
    return chaos.holes


def _live(_: Path, seed: int, seconds: float) -> list[str]:
    ends_at, lives = time.monotonic() + seconds, 0
    while lives == 0 or time.monotonic() < ends_at:
        machine = seeded(seed + lives)(type("SeededLife", (Life,), {}))
        try:
            # The first life that Hypothesis draws is its simplest.
            run_state_machine_as_test(machine, settings=quickly(lives=_LIVES, steps=10))
        except AssertionError as error:
            told = "; ".join([str(error), *getattr(error, "__notes__", ())])
            return [f"lives with seed {seed + lives}: {told}"]
        lives += _LIVES
    typer.echo(f"{lives} lives of up to 10 steps")
    return []


def _crowd(folder: Path, seed: int, seconds: float) -> list[str]:
    crowd = crowd_for(folder, seed, seconds)
    typer.echo(f"a crowd of 13: {crowd.counts}")
    return crowd.failures


_PARTS: dict[str, tuple[float, Part]] = {
    "kills": (0.5, _kill),
    "commands": (0.15, _kill_commands),
    "chaos": (0.15, _chaos),
    "lives": (0.1, _live),
    "crowd": (0.1, _crowd),
}
"""Each part with its share of the time."""


if __name__ == "__main__":
    typer.run(soak)
