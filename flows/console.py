"""The console that commands print to."""

from __future__ import annotations

import os
import sys

from rich.console import Console

_WIDTH_OF_A_FILE = 120


def new_console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or wide enough for a table in a file."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_FILE
    return Console(stderr=stderr, width=width)
