"""Python's garbage collector during a run.

A page is some ten thousand lists and dictionaries that live for a moment and are in no cycle: their
counts let go of them. The collector would look at them after every 700, and again and again at all
that the process holds for good: a twelfth of a refresh.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (20_000, 50, 100)


@contextmanager
def rare_collection() -> Iterator[None]:
    """Leave out of collection what is there already, and collect the rest less often."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
