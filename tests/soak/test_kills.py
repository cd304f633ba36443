"""A short part of the long run: kills of both moments, at steps and inside writes."""

from __future__ import annotations

from pathlib import Path

from tests.soak.killing import Killer, kill_for, moments

SEED = 5


def test_a_killed_refresh_leaves_a_whole_lake_and_the_next_one_ends_it(tmp_path: Path) -> None:
    """After each kill every check holds; then the lake is the same as one never killed."""
    with moments(tmp_path, seed=SEED, products=120) as known:
        killer = Killer(tmp_path, known)
        kill_for(killer, SEED, seconds=20, points_a_moment=6)
    assert killer.tally.failures == []
    assert killer.tally.kills > 0
