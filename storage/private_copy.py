"""A private copy of the catalogue, for a reader who may not write beside it.

SQLite reads a catalogue with a write-ahead log only where it can write two files beside it, unless
a writer has them open. DuckDB cannot be told that a catalogue does not change (`immutable`), and
one that has a writer does change. So such a reader gets a copy, which is some MB at most: the lake
as it was when the reader came.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage.errors import LakeCatalogueError, LakeUnreadableError
from storage.rights import check_readable

_ATTEMPTS = 40
_PAUSE = 0.05
"""Seconds before the next attempt: a writer that begins or ends makes or removes its log."""

State = list[tuple[int, int, int] | None]


def copy_catalogue(catalog: Path, folder: Path) -> Path:
    """Copy a catalogue as one commit left it, whoever writes to it meanwhile.

    Args:
        catalog: the SQLite file.
        folder: where to; nobody else writes there.

    Raises:
        LakeUnreadableError: it cannot be read or copied.
    """
    files = [catalog.with_name(f"{catalog.name}{end}") for end in ("", "-wal", "-shm")]
    for file in files:
        check_readable(file)
    problem: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            if _copied(files, folder):
                return folder / catalog.name
        except sqlite3.OperationalError as error:
            # The log was made or removed in the same moment, or the folder of copies is full.
            problem = error
        except sqlite3.DatabaseError as error:
            raise LakeCatalogueError(catalog, f"is damaged ({error})") from error
        except OSError as error:
            problem = error
        time.sleep(_PAUSE)
    raise LakeUnreadableError(
        f"the lake's catalogue {catalog} could not be copied to {folder} "
        f"({problem or 'it changes all the time'}); see to the room there (TMPDIR names another "
        "folder), then try again"
    )


def _copied(files: Sequence[Path], folder: Path) -> bool:
    """Copy the catalogue, and return whether nothing changed meanwhile."""
    catalog, log, index = files
    for file in files:
        (folder / file.name).unlink(missing_ok=True)
    if log.exists() and index.exists():
        # With both there SQLite reads one commit, and holds it by the locks that writers heed.
        with (
            closing(sqlite3.connect(f"{catalog.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(folder / catalog.name)) as copy,
        ):
            source.backup(copy)
        return True
    # Nobody has it open: a writer would have made both.
    before = _states(files)
    for file in (catalog, log):
        if file.exists():
            shutil.copyfile(file, folder / file.name)
    return _states(files) == before


def _states(files: Sequence[Path]) -> State:
    """Return what tells each file from what it was before it changed; None where there is none."""
    found: State = []
    for file in files:
        try:
            status = file.stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return found
