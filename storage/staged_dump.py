"""A dump on disk, to be merged or compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.commit import Source
from storage.staging import StagedWalk


@dataclass(frozen=True, slots=True)
class StagedDump:
    """The rows of a dump.

    Attributes:
        walk: the rows, staged.
        source: where they come from.
        dated_at: the day they are of, UTC.
    """

    walk: StagedWalk
    source: Source
    dated_at: datetime
