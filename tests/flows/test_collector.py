"""The garbage collector of a process that has run a refresh."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress

from flows.collector import rare_collection


class _Node:
    """Holds itself in a cycle."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_is_as_it_was_after_a_run() -> None:
    """However the run ends: what was left out is collected again."""
    before, held = gc.get_threshold(), _Node()
    seen = weakref.ref(held)
    with suppress(RuntimeError), rare_collection():
        assert gc.get_threshold() > before
        del held
        gc.collect()
        assert seen() is not None
        raise RuntimeError
    gc.collect()
    assert seen() is None
    assert gc.get_threshold() == before


def test_cycles_that_a_run_leaves_behind_are_collected() -> None:
    """Seldom, and yet: a long run must not grow without end."""
    with rare_collection():
        seen = weakref.ref(_Node())
        for _ in range(100_000):
            _Node()
        assert seen() is None
