"""Round numbers and round times to draw lines at."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor, log10

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(count * _MINUTE for count in (1, 2, 5, 10, 15, 30)),
    *(count * _HOUR for count in (1, 2, 3, 6, 12)),
    *(count * _DAY for count in (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365)),
)


def round_ticks(low: float, high: float, count: int = 3) -> list[float]:
    """Return round numbers from at most `low` to at least `high`, some `count` steps apart."""
    span = (high - low) or abs(high) * 0.2 or 1.0
    rough = span / count
    size: float = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first, last = floor(low / step), ceil(high / step)
    if first == last:
        first, last = max(0, first - 1), last + 1
    return [place * step for place in range(first, last + 1)]


def time_ticks(since: float, until: float, count: int = 5) -> list[float]:
    """Return at most some `count` round moments between two, all in seconds since 1970."""
    span = until - since
    step = next((step for step in _TIME_STEPS if span / step <= count), _TIME_STEPS[-1])
    # Divided to whole numbers: a quotient that is rounded could lie outside.
    first, last = -int(-since // step), int(until // step)
    return [float(place * step) for place in range(first, last + 1)]


def time_label(moment: float, span: float) -> str:
    """Return a moment (UTC) as short as a span of so many seconds allows."""
    time = datetime.fromtimestamp(moment, UTC)
    if span >= 4 * _DAY:
        return f"{time.day} {time:%b}"
    return f"{time:%H:%M}" if span >= 4 * _MINUTE else f"{time:%H:%M:%S}"
