"""How long ago something was, for a person."""

from __future__ import annotations

from datetime import UTC, datetime


def ago(moment: datetime | None) -> str:
    """Return a moment as such as `3 hours ago`; `never` for none."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
