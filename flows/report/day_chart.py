"""What each day brought, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.report.scale import round_ticks, time_label
from flows.report.stretch import DAY

HEIGHT = 130
KINDS = ("changed", "new", "delisted")
"""What is counted, from the bottom of a column to its top."""

_MARKS = 5
_GAP = 0.25


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its parts are kind, pixels down and pixels tall; none where nothing ran."""

    left: float
    width: float
    label: str
    counts: dict[str, int]
    parts: list[tuple[str, float, float]]


@dataclass(frozen=True, slots=True)
class DayChart:
    """What the template draws: columns, lines across (place, count), marks below (place, label)."""

    columns: list[Column]
    counts: list[tuple[float, float]]
    days: list[tuple[float, str]]


def day_chart(rows: Sequence[dict[str, Any]]) -> DayChart | None:
    """Draw days in their order; None where there are less than two.

    Args:
        rows: `day` since 1970 and `<kind>_count` of every kind, null for none.
    """
    if len(rows) < 2:  # noqa: PLR2004 - one day is no course of things
        return None
    by_day = {row["day"]: {kind: row[f"{kind}_count"] or 0 for kind in KINDS} for row in rows}
    first, last = rows[0]["day"], rows[-1]["day"]
    ticks = round_ticks(0, max(1, *(sum(counts.values()) for counts in by_day.values())))
    width = 100 / (last - first + 1)
    columns = [
        _column(day, (day - first) * width, width, by_day.get(day, {}), HEIGHT / ticks[-1])
        for day in range(first, last + 1)
    ]
    every = -(-len(columns) // _MARKS)
    return DayChart(
        columns=columns,
        counts=[(round(HEIGHT * (1 - tick / ticks[-1]), 1), tick) for tick in ticks],
        days=[
            (round(column.left + column.width / 2, 2), column.label) for column in columns[::every]
        ],
    )


def _column(
    day: int, left: float, width: float, counts: dict[str, int], pixels_each: float
) -> Column:
    parts, bottom = [], float(HEIGHT)
    for kind, count in counts.items():
        tall = count * pixels_each
        bottom -= tall
        parts.append((kind, round(bottom, 1), round(tall, 1)))
    return Column(
        left=round(left + width * _GAP / 2, 2),
        width=round(width * (1 - _GAP), 2),
        label=time_label(day * DAY, DAY * 30),
        counts=counts,
        parts=parts,
    )
