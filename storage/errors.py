"""What can go wrong with the lake.

    LakeError
    ├── LakeMissingError       there is no lake at this place yet
    ├── NotALakeError          there is something else at this place
    ├── LakeBusyError          another process is writing to it
    ├── LakeInUseError         another process is reading it, and must not be
    ├── AlertsBusyError        another process holds what alert rules remember
    ├── LakeUnreadableError    it cannot be opened or read
    │   ├── LakeCatalogueError    its catalogue is lost, damaged, or not its own
    │   ├── LakeFileError         one of its data files is lost or damaged
    │   └── LakeForbiddenError    this user may not read it
    ├── LakeUnwritableError    it cannot be written to: no right, or no room
    ├── NoSnapshotError        it keeps no such state
    ├── CategoryMissingError   it has no such category
    ├── MergeRefusedError      a walk looks like an outage and was not merged
    ├── MergeFailedError       the lake did not take a walk
    ├── NotAPublicationError   there is something else where the lake is to be published
    ├── PublicationBusyError   another process is publishing to this place
    └── QueryError             a query is wrong

Every message is one line and ends with what to do next.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


def first_line(error: object) -> str:
    """Return the first line of what an error says; DuckDB's go on with a drawing."""
    return str(error).strip().split("\n", 1)[0]


class LakeError(Exception):
    """Anything wrong with the lake or with a query of it."""


class LakeMissingError(LakeError):
    """No lake was made at this place yet."""

    def __init__(self, folder: Path) -> None:
        """Name the place."""
        super().__init__(
            f"there is no lake at {folder}; run `feedlake refresh` or set FEEDLAKE_LAKE"
        )


class NotALakeError(LakeError):
    """The folder holds something, and it is no lake."""

    def __init__(self, folder: Path, why: str) -> None:
        """Name the place and what was found there."""
        super().__init__(
            f"{folder} is not a lake ({why}); choose another folder with FEEDLAKE_LAKE"
        )


class LakeBusyError(LakeError):
    """Another process holds the writer's lock."""

    def __init__(self, folder: Path, process_id: int | None) -> None:
        """Name the place and, where known, the process."""
        self.folder = folder
        self.holder = f"process {process_id}" if process_id else "another process"
        super().__init__(
            f"{self.holder} is writing to {folder}; wait for it or stop it, then try again"
        )


class LakeInUseError(LakeError):
    """Another process reads the lake while it must be left alone."""

    def __init__(self, folder: Path) -> None:
        """Name the place."""
        super().__init__(
            f"another process is reading {folder}; let it finish, or run `feedlake maintain` "
            "without --alone"
        )


class AlertsBusyError(LakeError):
    """Another process evaluates alert rules of the same lake."""

    def __init__(self, folder: Path) -> None:
        """Name the place."""
        super().__init__(
            f"another `feedlake alerts` is at work in {folder}; let it finish, then try again"
        )


class LakeUnreadableError(LakeError):
    """The lake is there and cannot be read."""


class LakeCatalogueError(LakeUnreadableError):
    """The catalogue is lost, damaged or another lake's. Nothing is written to such a lake."""

    def __init__(self, catalog: Path, why: str) -> None:
        """Name the file and what is wrong with it."""
        super().__init__(
            f"the lake's catalogue {catalog} {why}; nothing was written: "
            "docs/recover.md says how to put it back"
        )


class LakeFileError(LakeUnreadableError):
    """A data file of the lake is lost or damaged."""

    def __init__(self, file: Path, why: str) -> None:
        """Name the file and what is wrong with it."""
        super().__init__(
            f"the lake's file {file} cannot be read ({why}); "
            "docs/recover.md says how to put it back"
        )


class LakeForbiddenError(LakeUnreadableError):
    """This user may not read the lake."""

    def __init__(self, file: Path, cause: OSError) -> None:
        """Name what may not be read and say who can change that."""
        super().__init__(
            f"{file} cannot be read ({cause.strerror or cause}); ask the owner of the lake for the "
            "right to read it (`chmod -R go+rX`), or for a copy by `feedlake publish`: "
            "docs/sharing.md"
        )


_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


class LakeUnwritableError(LakeError):
    """The lake cannot be written to: no right, or no room. What it holds is as it was."""

    def __init__(self, folder: Path, cause: Exception) -> None:
        """Name the place and say why in the words of whoever was refused."""
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        advice = (
            "see to its rights and its disk, or set FEEDLAKE_LAKE, then run the same command "
            "again: what was mirrored is safe"
        )
        if isinstance(cause, OSError) and cause.errno in _NO_RIGHT:
            advice = "this command needs the right to write there: run it as a user who has it"
        super().__init__(f"{folder} cannot be written to ({first_line(reason)}); {advice}")


class NoSnapshotError(LakeError):
    """The lake keeps no state with that number, or of that time."""

    def __init__(self, wanted: str, oldest: int, newest: int, oldest_time: datetime) -> None:
        """Name what was asked for and what there is."""
        super().__init__(
            f"the lake keeps no snapshot {wanted!r}; it keeps numbers {oldest} to {newest}, "
            f"and times such as '{oldest_time:%Y-%m-%d %H:%M:%S}' from then on: "
            "`feedlake snapshots` lists them"
        )


class CategoryMissingError(LakeError):
    """The lake has no such category, or had none at that snapshot."""

    def __init__(
        self, category: str, *, nearest: Sequence[str] = (), at: int | None = None
    ) -> None:
        """Name the category and what may have been meant."""
        if at is not None:
            message = f"{category!r} was not mirrored at snapshot {at}; choose a later one"
        else:
            hint = f"did you mean {', '.join(nearest)}?" if nearest else "see `feedlake status`"
            message = f"the lake has no category {category!r}; {hint}"
        super().__init__(message)


class MergeRefusedError(LakeError):
    """A walk lost or rejected more than its guards allow; nothing of it was merged."""


class MergeFailedError(LakeError):
    """The lake did not take a walk, as on a full disk or beside another writer."""

    def __init__(self, cause: Exception, *, is_conflict: bool = False) -> None:
        """Say why in the engine's words, and whether another writer was in the way."""
        reason = " ".join(str(cause).split())
        advice = "see to the lake's disk"
        if is_conflict:
            advice = "another program writes to the lake: end it"
        super().__init__(
            f"the lake did not take it ({reason}), and nothing of it was merged; "
            f"{advice}, then run the same command again"
        )


class NotAPublicationError(LakeError):
    """The folder to publish to holds something else."""

    def __init__(self, folder: Path, why: str) -> None:
        """Name the place and what was found there."""
        super().__init__(f"{folder} cannot be published to ({why}); choose a folder of its own")


class PublicationBusyError(LakeError):
    """Another process is publishing to the same folder."""

    def __init__(self, folder: Path) -> None:
        """Name the place."""
        super().__init__(
            f"another process is publishing to {folder}; let it finish, then try again"
        )


class QueryError(LakeError):
    """A query that cannot be run, with the engine's reason."""
