"""The long run: `make soak SECONDS=600`, or `python -m tests.soak --seconds 600 --seed 7`.

Kills refreshes of the sandbox's small catalogue at points spread over every write and commit, and
whole commands; then lives random lives and compares. A failure is printed with what brings
it back, the run goes on, and the exit status is 1 at its end.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.soak.commands import kill_commands
from tests.soak.killing import Killer, kill_for, moments
from tests.soak.life import Life, quickly

_LIVES = 5


def soak(
    *,
    seconds: Annotated[float, typer.Option(help="How long, all in all.", min=1)] = 600,
    seed: Annotated[int | None, typer.Option(help="Fixes every choice; random by default.")] = None,
    commands: Annotated[int, typer.Option(help="Whole commands to kill.", min=0)] = 24,
) -> None:
    """Kill, compare and live through days for as long as told."""
    seed = random.SystemRandom().randrange(1 << 31) if seed is None else seed
    ends_at = time.monotonic() + seconds
    typer.echo(f"seed {seed}")
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        failures += _kill(Path(folder) / "kills", seed, seconds * 0.65)
        failures += _kill_commands(Path(folder) / "commands", seed, commands)
    failures += _live(seed, ends_at)
    for failure in failures:
        typer.echo(f"FAILED {failure}", err=True)
    typer.echo(f"{len(failures)} failures with seed {seed}")
    sys.exit(bool(failures))


def _kill(folder: Path, seed: int, seconds: float) -> list[str]:
    folder.mkdir()
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


def _kill_commands(folder: Path, seed: int, count: int) -> list[str]:
    folder.mkdir()
    tally = kill_commands(folder, seed, count)
    typer.echo(f"{tally.kills} whole commands killed, {tally.recoveries} recoveries")
    return tally.failures


def _live(seed: int, ends_at: float) -> list[str]:
    lives = 0
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


if __name__ == "__main__":
    typer.run(soak)
