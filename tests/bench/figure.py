"""A line of the table of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Attributes:
        what: in words.
        value: with its unit; ratios as median, least and most of one run.
        wanted: what was set out to reach; empty where it is told for orientation.
    """

    what: str
    value: str
    wanted: str = ""


def table(figures: Iterable[Figure]) -> str:
    """Return figures as a table in Markdown."""
    lines = ["| what | measured | wanted |", "|---|---|---|"]
    lines += [f"| {one.what} | {one.value} | {one.wanted} |" for one in figures]
    return "\n".join(lines)
