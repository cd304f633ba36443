"""The quota is held, and not given away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.mirror import Mirror

Refresh = Callable[..., Any]


def test_a_refresh_of_many_categories_keeps_the_quota(refresh: Refresh) -> None:
    """At 20 a second and 50 ms of latency: above 18 requests a second, and no 429.

    Measured from the first page to the last: what is merged at the end asks for nothing.
    """
    moments: list[tuple[float, int]] = []

    async def watch(mirror: Mirror) -> None:
        import asyncio

        while mirror.progress.finished < len(mirror.jobs):
            moments.append((time.monotonic(), mirror.client.request_count))
            await asyncio.sleep(0.05)

    rules = Rules(quota=20, latency_seconds=0.05)
    with Sandbox(products=8000, categories=16, page_size=50, rules=rules, process=True) as sandbox:
        sandbox.warm()
        rows = refresh(sandbox, quota=20, during=watch)
        stats = sandbox.stats()
    total = moments[-1][1]
    busy = [(when, count) for when, count in moments if count < total]
    (start, first), (end, last) = busy[0], busy[-1]
    assert {row.status for row in rows.values()} == {"done"}
    assert stats["over_quota"] == 0
    assert (last - first) / (end - start) > 18
