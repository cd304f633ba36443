"""What has been asked of a sandbox, so that tests can count requests."""

import time
from collections import Counter

Kind = str
"""`directory`, `feed`, `delta`, `top`, `books`, `lookup`, `dump` or `other`."""

_KINDS = (
    ("/booksApi/", "directory"),
    ("/booksFeeds/", "books"),
    ("/download/feeds/", "directory"),
    ("/feeds/rawfiles/", "dump"),
    ("/deltaFeeds/", "delta"),
    ("/topFeeds/", "top"),
    ("/feeds/", "feed"),
    ("/affiliate/api/", "directory"),
    ("/search", "lookup"),
    ("/product", "lookup"),
)


class Ledger:
    """Requests by kind and status."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._seen: Counter[tuple[Kind, int]] = Counter()
        self._began_at = self._noted_at = 0.0

    def note(self, path: str, status: int) -> None:
        """Count one answered request."""
        self._noted_at = time.monotonic()
        self._began_at = self._began_at or self._noted_at
        kind = next((kind for part, kind in _KINDS if part in path), "other")
        self._seen[kind, status] += 1

    def report(self) -> dict[str, object]:
        """All requests, the seconds they came in, those refused, and counts by kind and status."""
        by_kind: dict[str, dict[str, int]] = {}
        for (kind, status), count in sorted(self._seen.items()):
            by_kind.setdefault(kind, {})[str(status)] = count
        return {
            "requests": self._seen.total(),
            "seconds": self._noted_at - self._began_at,
            "over_quota": sum(n for (_, status), n in self._seen.items() if status == 429),  # noqa: PLR2004
            "by_kind": by_kind,
        }
