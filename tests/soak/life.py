"""A mirror's life as a Hypothesis state machine, and the laws that hold at every moment of it.

* What a category shows is what the upstream shows at its version.
* The last row of a product's history says what `products` says, with the lake's other checks.
* A delta that is followed twice changes nothing the second time.
* A walk of what is in stock moves no version and delists nothing; the next delta mends the rest.
* The base and its deltas, full walks and resets between them, are what a fresh mirror is.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

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

CATEGORIES = 2
_DATA = ("products", "price_history", "product_categories")
_FRESH = """
    SELECT * EXCLUDE (first_seen_at, changed_at, delisted_at, category, feed_version)
    FROM products WHERE is_available ORDER BY product_id"""
_STANDING = """
    SELECT category, max_by(version, mirrored_at), (
        SELECT count(*)
        FROM product_categories AS member
        WHERE member.category = known.category AND delisted_at IS NOT NULL
    )
    FROM category_versions AS known GROUP BY category ORDER BY category"""
_LAST_VERSIONS = """
    SELECT version FROM category_versions WHERE category = ? ORDER BY mirrored_at DESC LIMIT 2"""


def quickly(lives: int, steps: int) -> settings:
    """Return how long to live; a step costs a second, so a failing life is told as it was."""
    return settings(
        max_examples=lives,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class Life(RuleBasedStateMachine):
    """One sandbox and its mirror, from the first full walk on."""

    def __init__(self) -> None:
        """Serve nothing yet."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._sandbox = Sandbox(
            products=200, categories=CATEGORIES, page_size=40, books=1, rules=Rules(quota=0)
        )
        self._sandbox.__enter__()

    @initialize()
    def mirror(self) -> None:
        """Mirror everything."""
        self._mirror()

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        """Follow the deltas of some days."""
        self._sandbox.next_day(days)
        self._mirror()

    @rule(days=st.integers(0, 2))
    def walk_in_full(self, days: int) -> None:
        """Walk everything, after some days or none."""
        if days:
            self._sandbox.next_day(days)
        self._mirror(full=True)

    @rule(days=st.integers(0, 2))
    def what_is_in_stock_is_walked(self, days: int) -> None:
        """Walk what is in stock only, then follow the delta."""
        if days:
            self._sandbox.next_day(days)
        before = self._ask(_STANDING)
        rows = asyncio.run(refresh_lake(self._settings(), in_stock=True))
        assert {(row.status, row.delisted_count) for row in rows} == {("done", 0)}
        assert before == self._ask(_STANDING)
        self._mirror()

    @rule()
    def nothing_happens(self) -> None:
        """Refresh again."""
        self._mirror()

    @rule(place=st.integers(0, CATEGORIES - 1))
    def version_goes_back(self, place: int) -> None:
        """Begin a category's versions anew, which makes its deltas worthless."""
        self._sandbox.reset_version(sorted(self._sandbox.versions())[place])
        self._mirror()

    @rule(place=st.integers(0, CATEGORIES - 1))
    def a_delta_is_followed_again(self, place: int) -> None:
        """Follow the delta again that brought a category to where it stands: nothing changes."""
        category = sorted(self._sandbox.versions())[place]
        versions = [one for (one,) in self._ask(_LAST_VERSIONS, category)]
        if len(versions) < 2 or versions[1] >= versions[0]:
            return
        ((before,),) = self._ask("SELECT id FROM lake.current_snapshot()")
        row = asyncio.run(_follow(self._settings(), category, versions[1]))
        assert (row.new_count, row.changed_count, row.delisted_count) == (0, 0, 0)
        ((after,),) = self._ask("SELECT id FROM lake.current_snapshot()")
        for table in _DATA:
            changes = f"FROM lake.table_changes('{table}', {before + 1}, {after})"
            assert self._ask(changes) == []

    @invariant()
    def the_lake_holds_together(self) -> None:
        """Every check of `feedlake verify` holds, history among them."""
        if self._lake().exists():
            assert_holds_together(self._lake())

    @invariant()
    def each_category_shows_what_the_upstream_does(self) -> None:
        """Product by product, at the upstream's version."""
        if self._lake().exists():
            versions = self._sandbox.versions().items()
            shown = {one: ((at, 0), shown_by(self._sandbox, one)) for one, at in versions}
            assert shown == mirrored_by(self._lake())

    def teardown(self) -> None:
        """Compare with a mirror that begins now."""
        try:
            if self._lake().exists():
                self._mirror(into="fresh")
                assert self._ask(_FRESH, lake="fresh") == self._ask(_FRESH)
        finally:
            self._sandbox.__exit__(None, None, None)
            self._folder.cleanup()

    def _lake(self, name: str = "lake") -> Path:
        return Path(self._folder.name) / name

    def _settings(self, into: str = "lake") -> Settings:
        sandbox = self._sandbox
        return settings_of(sandbox.url, sandbox.affiliate_id, sandbox.token, self._lake(into))

    def _mirror(self, *, full: bool = False, into: str = "lake") -> None:
        rows = asyncio.run(refresh_lake(self._settings(into), full=full))
        assert [row for row in rows if row.status == "failed"] == []

    def _ask(self, query: str, *values: Any, lake: str = "lake") -> list[tuple[Any, ...]]:
        with open_for_reading(LakeFolder(self._lake(lake))) as connection:
            return connection.execute(query, values).fetchall()


async def _follow(settings: Settings, category: str, since: int) -> RefreshRow:
    async with open_mirror(settings, Progress()) as mirror:
        listings = await Listings.read(mirror.client)
        job = ProductFeed(mirror, listings, category, since, full=False)
        row = await job.run(JobProgress())
        assert row.mode == "delta"
        return row
