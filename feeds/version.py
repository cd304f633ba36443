"""Delta versions: a whole number per category, in several spellings."""

from __future__ import annotations

from feeds.errors import PageBrokenError

_LARGEST = 2**63 - 1


def parse_version(value: float | str | None) -> int:
    """Return the version in any spelling seen: `1376`, `1376.0`, `"1376"`, `1.36625296E8`.

    Raises:
        PageBrokenError: there is none, or it is no whole number from 0 to 2**63 - 1.
    """
    try:
        number = (
            int(value)
            if isinstance(value, str) and value.isdecimal()
            else float("" if value is None else value)
        )
    except (ValueError, OverflowError):
        number = -1
    if not 0 <= number <= _LARGEST or number != int(number):
        raise PageBrokenError(f"the delta feed names no version ({value!r}); try again later")
    return int(number)
