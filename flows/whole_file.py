"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from flows.errors import OutputError, WrongCallError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Hold a new file that takes the place of `path` once everything is in it.

    Raises:
        WrongCallError: `path` is a folder, or in none.
        OutputError: it cannot be written; what was at `path` is as it was.
    """
    if path.is_dir():
        raise WrongCallError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise WrongCallError(f"there is no folder {path.parent}; make it, or name another")
    try:
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            part = Path(file.name)
            try:
                yield cast("BinaryIO", file)
                file.flush()
                os.fsync(file.fileno())
                part.chmod(_mode())
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(path, error) from error


def _mode() -> int:
    """Return the rights that a file made in the usual way would have."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
