"""The header `Retry-After`: how long a server wants to be left alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 120.0
"""Whoever asks for more gets no more: the next run asks again."""


def retry_after(value: str | None) -> float | None:
    """Return the seconds that the header asks for, from its number or its date.

    Args:
        value: the header; None where there is none.

    Returns:
        0 to `LONGEST_SECONDS`; None where it is absent or makes no sense.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_SECONDS) if math.isfinite(seconds) else None
