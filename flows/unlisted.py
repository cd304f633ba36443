"""Mirrored categories that the directory does not list.

The vendor may have withdrawn such a category, or may have answered with a part of its directory.
Nobody can tell the two apart, so nothing is removed but by `feedlake remove`. A run names such a
category and goes on; it has failed only where the category was asked for by name, or where so many
are missing that the directory looks like an outage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from shlex import quote

from storage.guard import Limit
from storage.standing import Standing

MODE = "unlisted"

_FEW = 3
"""Categories that may be missing from a directory of any length before it looks like an outage."""
_MOST = Limit(share=0.2)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A mirrored category that the directory does not list.

    Attributes:
        standing: where it stands.
        error: why the run has failed with it; None where it has not.
    """

    standing: Standing
    error: str | None

    @property
    def category(self) -> str:
        """Its name."""
        return self.standing.category


def find_unlisted(
    standings: Mapping[str, Standing], listed: Collection[str], named: Collection[str]
) -> list[Unlisted]:
    """Return the mirrored categories that a directory lacks, of those asked for.

    Args:
        standings: every mirrored category by name.
        listed: the names that the directory lists, whether their entries can be read or not.
        named: the categories asked for; none for all.
    """
    missing = [one for name, one in standings.items() if name not in listed]
    outage = None
    if len(missing) > _FEW and not _MOST.allows(len(missing), len(standings)):
        outage = (
            f"the directory lists only {len(standings) - len(missing):,} of {len(standings):,} "
            "mirrored categories, which looks like an outage of the vendor; nothing was removed: "
            "run the same command again later"
        )
    return [
        Unlisted(one, outage or (advice(one.category) if named else None))
        for one in missing
        if not named or one.category in named
    ]


def advice(category: str) -> str:
    """Return what to do about a category that the directory does not list."""
    return (
        "the directory no longer lists it, and its products stay as they were; if it is gone for "
        f"good, run `feedlake remove {quote(category)}`"
    )


def warnings(categories: Iterable[str]) -> list[str]:
    """Return a line for each of some categories that the directory does not list."""
    return [f"{one}: {advice(one)}" for one in categories]
