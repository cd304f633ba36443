"""One product's prices as a drawing of steps; a gap stays a gap.

Places along the time are per cents of the width and places along the price are pixels, so that a
drawing fits a phone and a desk and its letters keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.report.scale import round_ticks, time_label, time_ticks
from flows.report.stretch import Stretch

HEIGHT = 150
_LEAST_SPAN = 60.0
_TAIL = 0.02
_SAME_MOMENT = 1e-3


@dataclass(frozen=True, slots=True)
class Run:
    """A price that held: a line from left to right, `y` pixels down."""

    left: float
    right: float
    y: float
    price: float
    start: float
    end: float
    is_out: bool


@dataclass(frozen=True, slots=True)
class StepChart:
    """What the template draws.

    Attributes:
        runs: the prices.
        steps: changes without a gap: place, and where they begin and end.
        dots: prices that were seen for a moment only, and the last one.
        prices: lines across: place and price.
        times: marks below: place and label.
    """

    runs: list[Run]
    steps: list[tuple[float, float, float]] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    prices: list[tuple[float, float]] = field(default_factory=list)
    times: list[tuple[float, str]] = field(default_factory=list)


def step_chart(known: Sequence[Stretch], until: float) -> StepChart | None:
    """Draw stretches in their order; None where there are none.

    Args:
        known: what was known of one product.
        until: where the drawing ends, in seconds since 1970.
    """
    if not known:
        return None
    since = known[0].start
    until = max(until, *(one.end for one in known), since + _LEAST_SPAN)
    until += (until - since) * _TAIL
    ticks = round_ticks(min(one.price for one in known), max(one.price for one in known))

    def across(moment: float) -> float:
        return round(100 * (moment - since) / (until - since), 2)

    def down(price: float) -> float:
        return round(HEIGHT * (ticks[-1] - price) / (ticks[-1] - ticks[0]), 1)

    runs = [
        Run(
            across(one.start),
            across(one.end),
            down(one.price),
            one.price,
            one.start,
            one.end,
            one.in_stock is False,
        )
        for one in known
    ]
    momentary = [(run.left, run.y) for run in runs if run.right <= run.left]
    return StepChart(
        runs=[run for run in runs if run.right > run.left],
        steps=[
            (after.left, before.y, after.y)
            for before, after in pairwise(runs)
            if after.start - before.end < _SAME_MOMENT and before.y != after.y
        ],
        dots=list(dict.fromkeys([*momentary, (runs[-1].right, runs[-1].y)])),
        prices=[(down(price), price) for price in ticks],
        times=[
            (across(moment), time_label(moment, until - since))
            for moment in time_ticks(since, until)
        ],
    )
