"""Putting right what a comparison found, by merging the walk that was compared."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass

import duckdb
import msgspec

from storage.commit import Source, commit_walk
from storage.comparison import Comparison, compare_walk
from storage.guard import Guards
from storage.refreshes import RefreshRow
from storage.staging import StagedWalk


@dataclass(frozen=True, slots=True)
class Repair:
    """What was found, what was merged, and what is left.

    Attributes:
        found: the comparison before.
        merged: the merge's row; None where nothing differed.
        left: the comparison after it.
    """

    found: Comparison
    merged: RefreshRow | None
    left: Comparison


def repair_walk(
    connection: duckdb.DuckDBPyConnection,
    walk: StagedWalk,
    source: Source,
    guards: Guards,
    *,
    asked: Collection[str] | None = None,
    news: StagedWalk | None = None,
) -> Repair:
    """Compare a walk with the mirror, and merge it as a refresh would where they differ.

    Args:
        connection: the lake, open for writing.
        walk: see `compare_walk`; look-ups delist only what they say has gone.
        source: where its records come from.
        guards: what the merge may do without being asked.
        asked: see `compare_walk`.
        news: see `compare_walk`.

    Raises:
        MergeRefusedError: the walk lost or rejected too much; nothing of it was merged.
        duckdb.Error: nothing of the walk was merged.
    """
    found = compare_walk(connection, walk, source, asked=asked, news=news)
    if not found.count("wrong") + found.count("behind"):
        return Repair(found, None, found)
    merged = commit_walk(connection, _mergeable(walk), source, guards=guards, altered="mismatches")
    return Repair(found, merged, compare_walk(connection, walk, source, asked=asked, news=news))


def _mergeable(walk: StagedWalk) -> StagedWalk:
    """Return look-ups as what they are for a merge: of no category."""
    if walk.plan.feed == "product":
        return walk
    lookups = copy(walk)
    lookups.plan = msgspec.structs.replace(walk.plan, category=walk.plan.feed)
    return lookups
