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
        dated_at: the day they are of, as far as it can be told, UTC.
    """

    walk: StagedWalk
    source: Source
    dated_at: datetime

    @property
    def made_after(self) -> datetime:
        """The earliest moment that they may be of, UTC."""
        return self.walk.plan.made_after or self.dated_at
