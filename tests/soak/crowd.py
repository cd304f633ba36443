"""Two refreshes, an upkeep and ten readers at once, as commands and processes of their own."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from flows.prefect_server import prefect_server
from tests.soak.contents import Shown, Stamp, assert_holds_together, mirrored_by
from tests.soak.killing import Moment, check, in_several, shown_now
from tests.soak.refreshing import environment_of

READERS = 10
_FEEDLAKE = str(Path(sys.executable).parent / "feedlake")
_REFRESH = ("refresh", "--feed", "product")
_QUERIES = (
    ("status",),
    ("sql", "SELECT count(*), sum(selling_price) FROM products WHERE is_available"),
    ("sql", "SELECT category, count(*) FROM price_history GROUP BY ALL"),
)


@dataclass(slots=True)
class Crowd:
    """What was done.

    Attributes:
        counts: by what was done, how often.
        failures: what a user would have seen, or what was wrong.
    """

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def work(self, name: str, once: Callable[[], None], ends_at: float) -> None:
        """Do something again and again until the time is up."""
        while time.monotonic() < ends_at:
            try:
                once()
            except Exception as error:  # noqa: BLE001 - whatever it is, a user would see it
                self.failures.append(f"{name}: {error!r}"[:1000])
            self.counts[name] = self.counts.get(name, 0) + 1


def crowd_for(folder: Path, seed: int, seconds: float) -> Crowd:
    """Let them all at one lake, which days pass over, until the time is up.

    A reader looks at one snapshot: every invariant of the lake holds, and each category shows,
    product by product, what the upstream showed at the version it stands at, or since.

    Args:
        folder: an empty one.
        seed: fixes the catalogue, and when days pass.
        seconds: how long; what has begun is ended.
    """
    crowd = Crowd()
    with _sandboxes(seed) as (sandbox, tomorrow), _environment(folder, sandbox) as environment:
        lake = folder / "lake"
        moment = Moment("crowd", Feed.PRODUCT, sandbox, None, shown_now(sandbox), {})
        _run(environment, *_REFRESH)
        ends_at = time.monotonic() + seconds

        def read() -> None:
            assert_holds_together(lake)
            assert_shows_its_versions(moment, lake)

        def ask() -> None:
            for query in _QUERIES:
                _run(environment, *query)

        jobs = [
            ("refresh", lambda: _run(environment, *_REFRESH)),
            ("refresh", lambda: _run(environment, *_REFRESH)),
            ("maintain", lambda: _run(environment, "maintain")),
            *[("read", read)] * (READERS - 2),
            *[("ask", ask)] * 2,
        ]
        with ThreadPoolExecutor(len(jobs)) as pool:
            working = [pool.submit(crowd.work, *job, ends_at) for job in jobs]
            _let_days_pass(moment, tomorrow, random.Random(seed), ends_at)  # noqa: S311 - no secret
            for one in working:
                one.result()
        _run(environment, *_REFRESH)
        check(moment, lake)
    return crowd


def assert_shows_its_versions(moment: Moment, lake: Path) -> None:
    """Fail where a category shows what the upstream did not show at its version or since.

    A walk asks for the version first: what changes during it may be seen already.
    """
    several = in_several(moment)
    for category, (stamp, found) in mirrored_by(lake).items():
        since = _shown_since(moment, category, stamp)
        for product_id in {one for shown in since for one in shown} - several:
            states = [shown.get(product_id) for shown in since]
            assert found.get(product_id) in states, f"{category} shows {product_id} wrongly"
        assert found.keys() <= {one for shown in since for one in shown}, category


def _shown_since(moment: Moment, category: str, stamp: Stamp) -> list[dict[str, Shown]]:
    version = stamp[0]
    assert version is not None
    return [
        shown
        for (name, (at, _)), shown in list(moment.shown.items())
        if name == category and at is not None and at >= version
    ]


@contextmanager
def _sandboxes(seed: int) -> Iterator[tuple[Sandbox, Sandbox]]:
    """Serve the same catalogue twice: the second is asked what the first will show."""

    def small() -> Sandbox:
        rules = Rules(quota=0)
        return Sandbox(products=400, categories=3, page_size=40, seed=seed, books=1, rules=rules)

    with small() as sandbox, small() as tomorrow:
        yield sandbox, tomorrow


@contextmanager
def _environment(folder: Path, sandbox: Sandbox) -> Iterator[dict[str, str]]:
    with prefect_server(folder / "prefect") as server:
        asyncio.run(server.ready())
        yield environment_of(sandbox, folder / "lake", server.api_url)


def _let_days_pass(moment: Moment, tomorrow: Sandbox, draw: random.Random, ends_at: float) -> None:
    while time.monotonic() < ends_at:
        time.sleep(draw.uniform(0.5, 3))
        tomorrow.next_day()
        moment.shown.update(shown_now(tomorrow))
        moment.sandbox.next_day()


def _run(environment: Mapping[str, str], *command: str) -> None:
    done = subprocess.run(
        [_FEEDLAKE, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
