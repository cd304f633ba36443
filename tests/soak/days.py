"""A mirror's life through random days, and what must hold at every moment of it.

Sequences come from a seed and not from Hypothesis: a step costs about a second, and shrinking
hundreds of them.

* What a category shows is what the upstream shows at its version.
* The last row of a product's history says what `products` says, with the lake's other checks.
* A delta that is followed twice changes nothing the second time.
* The base and its deltas, full walks and resets between them, are what a fresh mirror is.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.listings import Listings
from flows.mirror import open_mirror
from flows.products import ProductFeed
from flows.progress import JobProgress, Progress
from flows.settings import Settings
from storage.lake import LakeFolder, open_for_reading
from storage.refreshes import RefreshRow
from tests.soak.contents import assert_holds_together, mirrored_by, shown_by
from tests.soak.refreshing import refresh_lake, settings_of

STEPS = ("days", "days", "days", "full", "reset", "replay", "skip")
"""What can happen, the usual more often."""
_DATA = ("products", "price_history", "product_categories")
_FRESH = """
    SELECT * EXCLUDE (first_seen_at, changed_at, delisted_at, category, feed_version)
    FROM products WHERE is_available ORDER BY product_id"""


def live_through_days(folder: Path, seed: int, steps: Sequence[str]) -> None:
    """Mirror a sandbox through some of `STEPS`; the seed fixes how far each goes.

    Raises:
        AssertionError: a law does not hold.
    """
    draw = random.Random(seed)  # noqa: S311 - the same seed lives the same life
    rules = Rules(quota=0)
    taken: list[str] = []
    with Sandbox(
        products=200, categories=2, page_size=40, seed=seed % 1000, books=1, rules=rules
    ) as sandbox:
        settings = _settings(sandbox, folder / "lake")
        _refresh(settings)
        for step in steps:
            taken.append(step)
            _take(step, sandbox, settings, draw)
            _check(sandbox, settings.lake, taken)
        fresh = _settings(sandbox, folder / "fresh")
        _refresh(fresh)
        assert _ask(fresh.lake, _FRESH) == _ask(settings.lake, _FRESH), taken


def _take(step: str, sandbox: Sandbox, settings: Settings, draw: random.Random) -> None:
    categories = sorted(sandbox.versions())
    match step:
        case "days":
            sandbox.next_day(draw.randint(1, 5))
            _refresh(settings)
        case "full":
            sandbox.next_day(draw.randint(0, 2) or 1)
            _refresh(settings, full=True)
        case "reset":
            sandbox.reset_version(draw.choice(categories))
            _refresh(settings)
        case "replay":
            replay_a_delta(settings, draw.choice(categories))
        case _:
            _refresh(settings)


def replay_a_delta(settings: Settings, category: str) -> None:
    """Follow the delta again that brought a category to where it stands; nothing may change."""
    versions = [
        version
        for (version,) in _ask(
            settings.lake,
            f"SELECT version FROM category_versions WHERE category = '{category}' "
            "ORDER BY mirrored_at DESC LIMIT 2",
        )
    ]
    if len(versions) < 2 or versions[1] >= versions[0]:
        return
    ((before,),) = _ask(settings.lake, "SELECT id FROM lake.current_snapshot()")
    row = asyncio.run(_follow(settings, category, versions[1]))
    assert (row.new_count, row.changed_count, row.delisted_count) == (0, 0, 0)
    ((after,),) = _ask(settings.lake, "SELECT id FROM lake.current_snapshot()")
    for table in _DATA:
        changes = f"FROM lake.table_changes('{table}', {before + 1}, {after})"
        assert _ask(settings.lake, changes) == []


async def _follow(settings: Settings, category: str, since: int) -> RefreshRow:
    async with open_mirror(settings, Progress()) as mirror:
        listings = await Listings.read(mirror.client)
        job = ProductFeed(mirror, listings, category, since, full=False)
        row = await job.run(JobProgress())
        assert row.mode == "delta"
        return row


def _check(sandbox: Sandbox, lake: Path, taken: list[str]) -> None:
    assert_holds_together(lake)
    versions = sandbox.versions()
    expected = {name: (version, shown_by(sandbox, name)) for name, version in versions.items()}
    assert expected == mirrored_by(lake), taken


def _settings(sandbox: Sandbox, lake: Path) -> Settings:
    return settings_of(sandbox.url, sandbox.affiliate_id, sandbox.token, lake)


def _refresh(settings: Settings, *, full: bool = False) -> None:
    rows = asyncio.run(refresh_lake(settings, full=full))
    assert [row for row in rows if row.status == "failed"] == []


def _ask(lake: Path, query: str) -> list[tuple[Any, ...]]:
    with open_for_reading(LakeFolder(lake)) as connection:
        return connection.execute(query).fetchall()
