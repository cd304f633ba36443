"""How far a run is: counted here, shown by `display`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["waiting", "asking", "walking", "comparing", "merging", "done", "failed"]

_RATE_WINDOW_SECONDS = 5.0


@dataclass(slots=True)
class JobProgress:
    """One job of the run.

    Attributes:
        expected_pages: pages that the same walk had last time; None where there was none.
        repairs: how much of the answers had to be mended to read them.
    """

    stage: Stage = "waiting"
    mode: str = ""
    pages: int = 0
    products: int = 0
    repairs: int = 0
    expected_pages: int | None = None

    def walk(self, mode: str, staged: Iterable[int] = ()) -> None:
        """Begin a walk, with the records of the pages that an earlier run staged."""
        self.stage, self.mode, self.pages, self.products = "walking", mode, 0, 0
        for products in staged:
            self.page(products)

    def page(self, products: int, repairs: int = 0) -> None:
        """Count a page."""
        self.repairs += repairs
        self.pages += 1
        self.products += products


@dataclass(slots=True)
class Progress:
    """The whole run.

    Attributes:
        jobs: by name.
    """

    jobs: dict[str, JobProgress] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)
    _stopped: float | None = None
    _requests: deque[tuple[float, int]] = field(default_factory=deque)

    def start(self) -> None:
        """Start the clock: what came before was preparation."""
        self._started = time.monotonic()

    def stop(self) -> None:
        """Stop the clock."""
        self._stopped = time.monotonic()

    def expect(self, expected_pages: Mapping[str, int | None]) -> None:
        """Name the jobs, with the pages that each may have."""
        for name, pages in expected_pages.items():
            self.jobs[name] = JobProgress(expected_pages=pages)

    @property
    def pages(self) -> int:
        """Pages so far."""
        return sum(one.pages for one in self.jobs.values())

    @property
    def products(self) -> int:
        """Products so far."""
        return sum(one.products for one in self.jobs.values())

    @property
    def finished(self) -> int:
        """Jobs that are done or failed."""
        return sum(one.stage in {"done", "failed"} for one in self.jobs.values())

    @property
    def seconds(self) -> float:
        """Seconds that the run took, or has taken so far."""
        return (self._stopped or time.monotonic()) - self._started

    def request_rate(self, request_count: int) -> float:
        """Return requests a second over the last seconds, given how many there were in all."""
        now = time.monotonic()
        self._requests.append((now, request_count))
        while now - self._requests[0][0] > _RATE_WINDOW_SECONDS:
            self._requests.popleft()
        then, count = self._requests[0]
        return (request_count - count) / (now - then) if now > then else 0.0

    def seconds_left(self) -> float | None:
        """Return how long the rest may take; None while nothing tells.

        The pages of a category are not known before its end: last time's count stands for them,
        and the mean of the finished ones where there was no last time.
        """
        ended = [one.pages for one in self.jobs.values() if one.stage in {"done", "failed"}]
        typical = sum(ended) / len(ended) if ended else None
        left = 0.0
        for one in self.jobs.values():
            if one.stage in {"done", "failed", "comparing", "merging"}:
                continue
            expected = one.expected_pages if one.expected_pages is not None else typical
            if expected is None or (one.expected_pages is None and one.pages >= expected):
                # It is longer than others were, and nobody knows by how much.
                return None
            left += max(expected - one.pages, 0)
        return left * self.seconds / self.pages if self.pages else None
