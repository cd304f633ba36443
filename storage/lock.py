"""The writer's lock: one process writes to a lake at a time, any number reads."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.errors import LakeBusyError, LakeUnwritableError


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the lake for writing; the operating system lets go when the process ends, however.

    Raises:
        LakeBusyError: another process holds it.
        LakeUnwritableError: the folder cannot be written to.
    """
    try:
        file = (folder / "writer.lock").open("a+", encoding="ascii")
    except OSError as error:
        raise LakeUnwritableError(folder, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            raise LakeBusyError(folder, int(holder) if holder.isdecimal() else None) from None
        _sign(file.fileno())
        yield


def _sign(file: int) -> None:
    """Say which process it is; on a full disk nobody is told, and that is all."""
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
