"""What can go wrong with the lake.

    LakeError
    ├── LakeMissingError       there is no lake at this place yet
    ├── NotALakeError          there is something else at this place
    ├── LakeBusyError          another process is writing to it
    ├── LakeUnreadableError    it cannot be opened or read
    └── QueryError             a query is wrong

Every message is one line and ends with what to do next.
"""

from __future__ import annotations

from pathlib import Path


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

    def __init__(self, folder: Path, holder: str) -> None:
        """Name the place and, where known, the process."""
        super().__init__(
            f"another refresh{holder} is writing to {folder}; "
            "wait for it or stop it, then try again"
        )


class LakeUnreadableError(LakeError):
    """The lake is there and cannot be read."""


class QueryError(LakeError):
    """A query that cannot be run, with the engine's reason."""
