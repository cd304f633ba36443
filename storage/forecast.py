"""What tells how long the next refresh takes: versions, pages, seconds a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

import duckdb

from storage.lake import LakeFolder, open_for_reading
from storage.standing import Standing, read_standings
from storage.statements import statement
from storage.transaction import transaction


@dataclass(frozen=True, slots=True)
class PagesOf:
    """The walks of one feed and category so far.

    Attributes:
        whole: pages of the last walk of everything; None where there was none.
        delta: pages of all walks of changes.
        versions: versions that these moved on by.
    """

    whole: int | None = None
    delta: int = 0
    versions: int = 0

    def of_delta(self, steps: int) -> int | None:
        """Return the pages that so many versions may have; None where no delta tells."""
        if not self.versions:
            return None
        return max(1, math.ceil(self.delta * steps / self.versions))


@dataclass(frozen=True, slots=True)
class Experience:
    """What earlier refreshes of a lake tell; nothing where there is no lake.

    Attributes:
        standings: where each mirrored category stands, by name.
        pages: by feed and category.
        pace: seconds from a page to the next, by category, as product feeds were walked.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    pages: Mapping[tuple[str, str], PagesOf] = field(default_factory=dict)
    pace: Mapping[str, float] = field(default_factory=dict)

    def pages_of(self, feed: str, category: str) -> PagesOf:
        """Return what is known of one feed and category."""
        return self.pages.get((feed, category), PagesOf())

    def pace_of(self, category: str) -> float | None:
        """Return a category's seconds a page, else the mean of all; None where none was walked."""
        if category in self.pace:
            return self.pace[category]
        return fmean(self.pace.values()) if self.pace else None


def read_experience(folder: LakeFolder) -> Experience:
    """Return what the lake tells; it is opened read-only, and need not be there.

    Raises:
        LakeError: there is something else at this place, or it cannot be read.
    """
    if not folder.exists():
        return Experience()
    with open_for_reading(folder) as connection, transaction(connection):
        return Experience(
            standings=read_standings(connection),
            pages=_pages(connection),
            pace=dict(connection.execute(statement("plan/pace")).fetchall()),
        )


def _pages(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], PagesOf]:
    rows = connection.execute(statement("plan/pages")).fetchall()
    return {
        (feed, category): PagesOf(whole, int(delta or 0), int(versions or 0))
        for feed, category, whole, delta, versions in rows
    }
