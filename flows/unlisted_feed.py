"""The job of a category that the directory does not list: it records just that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flows.mirror import Mirror
from flows.progress import JobProgress
from flows.unlisted import MODE, Unlisted
from storage.refreshes import RefreshRow


@dataclass(slots=True)
class UnlistedFeed:
    """Records that the directory did not list a category; it asks and merges nothing.

    Attributes:
        unlisted: which category, and whether the run has failed with it.
        feed: the feed that was asked for.
    """

    mirror: Mirror
    unlisted: Unlisted
    feed: str = "product"

    @property
    def category(self) -> str:
        """Its name."""
        return self.unlisted.category

    async def run(self, shown: JobProgress) -> RefreshRow:
        """Return the row that says so."""
        shown.mode = MODE
        return self.mirror.row(
            self,
            MODE,
            datetime.now(UTC),
            version=self.unlisted.standing.version,
            error=self.unlisted.error,
        )
