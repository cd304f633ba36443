"""Passing Python's interpreter from thread to thread.

A run has three that need it: the event loop and the lake's thread for moments at a time, and the
decoder for as long as it gets. Whoever asks for it waits for Python's switch interval, 5 ms, and a
merge of 50 statements with as many answers waited for half a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0001


@contextmanager
def quick_handover() -> Iterator[None]:
    """Let a thread that asks for the interpreter be heard after a tenth of a millisecond."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
