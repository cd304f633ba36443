"""What this process may do with a file or folder, asked without opening it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from storage.errors import LakeForbiddenError, LakeUnwritableError


def check_readable(path: Path) -> None:
    """Check that what is there may be read.

    A catalogue is not opened for this: to close a file drops all locks of the process on it.

    Raises:
        LakeForbiddenError: it may not.
    """
    if path.exists() and not os.access(path, os.R_OK):
        raise LakeForbiddenError(path, _refused())


def check_writable(path: Path) -> None:
    """Check that what is there may be written to.

    Raises:
        LakeUnwritableError: it may not.
    """
    if not is_writable(path):
        raise LakeUnwritableError(path, _refused())


def is_writable(path: Path) -> bool:
    """Return whether it may be written to; not where it is on a disk that is read-only."""
    return os.access(path, os.W_OK)


def _refused() -> PermissionError:
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES))
