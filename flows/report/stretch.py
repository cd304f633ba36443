"""Price history as what it is: stretches of time with gaps between them.

A price is known from the moment it was seen until the product's next row, on days (UTC) on which a
category of the product was checked, and no longer than its last check. While a product was not in
the catalogue, or nobody knew its price, there is none: such times are never bridged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one price was known.

    Attributes:
        start: seconds since 1970.
        end: the same; no later than `start` where the price was only seen for a moment.
        price: in the currency of its product.
        in_stock: whether it could be bought; None where the vendor did not say.
    """

    start: float
    end: float
    price: float
    in_stock: bool | None


def stretches(
    rows: Sequence[dict[str, Any]], days: Collection[int], since: float, until: float
) -> list[Stretch]:
    """Return the stretches of one product, oldest first.

    Args:
        rows: its price history by time, in one currency: `observed_at`, `price` (None for unknown),
            `in_stock`, `is_available`.
        days: days since 1970 (UTC) on which it was watched.
        since: the earliest moment wanted, in seconds since 1970.
        until: when it was last watched.
    """
    found = []
    moments = [row["observed_at"].timestamp() for row in rows]
    for row, seen, following in zip(rows, moments, [*moments[1:], until], strict=True):
        if not row["is_available"] or row["price"] is None or following < since:
            continue
        price, end = float(row["price"]), min(following, max(until, seen))
        watched = list(_watched(max(seen, since), end, days))
        if seen >= since and (not watched or watched[0][0] > seen):
            watched.insert(0, (seen, seen))
        found += [Stretch(start, stop, price, row["in_stock"]) for start, stop in watched]
    return found


def _watched(start: float, end: float, days: Collection[int]) -> Iterator[tuple[float, float]]:
    """Yield the parts of a time that lie on watched days, neighbouring days as one."""
    begun: float | None = None
    for day in range(int(start // DAY), int(end // DAY) + 1):
        if day in days:
            begun = max(start, day * DAY) if begun is None else begun
        elif begun is not None:
            yield begun, float(day * DAY)
            begun = None
    if begun is not None and end > begun:
        yield begun, end
