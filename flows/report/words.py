"""Numbers, times and links as the page writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from flows.plain import plain

_SIGNS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}
_DASH = "\N{EN DASH}"
_LONGEST = 400
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def one_line(value: Any) -> Any:
    """Return what the page prints: text from anywhere in one line without control characters.

    What the templates themselves wrote (`Markup`) is left alone. Escaping comes after this.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain(" ".join(value.split()), _LONGEST)
    return value


def money(amount: Decimal | float | None, currency: str | None) -> str:
    """Return an amount with its currency's sign, or its code; whole amounts without a fraction."""
    if amount is None:
        return "no price"
    number = f"{amount:,.2f}".removesuffix(".00")
    sign = _SIGNS.get(currency or "")
    return f"{sign}{number}" if sign else f"{currency or ''} {number}".strip()


def count(number: int | None) -> str:
    """Return a count with separators; a dash for none."""
    return _DASH if number is None else f"{number:,}"


def share(part: int, whole: int) -> str:
    """Return a part in per cent; a dash where there is no whole. Only all of it is 100%."""
    if not whole:
        return _DASH
    percent = round(100 * part / whole)
    return f"{min(percent, 99) if part < whole else percent}%"


def when(moment: datetime | float | None) -> str:
    """Return a moment to the minute, in UTC; `never` for none."""
    if moment is None:
        return "never"
    time = _utc(moment)
    return f"{time.day} {time:%b %Y, %H:%M}"


def iso(moment: datetime | float) -> str:
    """Return a moment for a machine, such as `2026-11-22T06:00:00Z`."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def span(seconds: float) -> str:
    """Return how long something is, in its largest unit, such as `3 hours`."""
    for size, unit in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{seconds:.0f} seconds" if seconds >= 1 else "a moment"


def _utc(moment: datetime | float) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.fromtimestamp(moment, UTC)


def web_link(url: str | None) -> str | None:
    """Return a link that a page may lead to: http or https, to a host; else None."""
    return url if url and _scheme(url) else None


def picture_link(url: str | None) -> str | None:
    """Return a picture's link as https, which the vendor's hosts of pictures speak; else None."""
    scheme = _scheme(url) if url else None
    return f"https{url[len(scheme) :]}" if url and scheme else None


def _scheme(url: str) -> str | None:
    if not (url.isprintable() and url == url.strip()):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return None
    return url[: len(parts.scheme)] if usable else None
