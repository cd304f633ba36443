"""The writer's lock: one process writes to a lake at a time, any number reads."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import LakeBusyError


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the lake for writing; the operating system lets go when the process ends, however.

    Raises:
        LakeBusyError: another process holds it.
    """
    path = folder / "writer.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            named = f" (process {holder})" if holder.isdecimal() else ""
            raise LakeBusyError(folder, named) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
