"""What `plan` says of a refresh, against the refresh that follows it."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from feeds.errors import CredentialsError, UnknownCategoryError
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from flows.forecast import Forecast, Plan, make_plan
from flows.plan_table import plan_object, print_plan
from flows.settings import Settings
from storage.lake import LakeFolder, open_for_writing
from tests.conftest import QUICK, Upstream, command_environment
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

PRODUCTS = (Feed.PRODUCT,)


def plan_of(upstream: Upstream, lake: Path, *categories: str, **other: Any) -> Plan:
    """Return the plan of a refresh of the lake."""
    settings = Settings(
        affiliate_id=upstream.affiliate_id,
        affiliate_token=SecretStr(upstream.token),
        api_url=upstream.url,
        lake=lake,
        quota=other.pop("quota", 0),
    )
    return asyncio.run(make_plan(settings, categories, **{"patience": QUICK} | other))


def named(plan: Plan, feed: str = "product") -> dict[str, Forecast]:
    """Return the forecasts of a feed by category."""
    return {one.category: one for one in plan.forecasts if one.feed == feed}


def printed(plan: Plan) -> str:
    """Return what a person sees."""
    out = io.StringIO()
    print_plan(plan, Console(width=200, file=out))
    return out.getvalue()


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file of a folder."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {str(one): (one.stat().st_size, one.stat().st_mtime_ns) for one in files}


def test_modes_and_versions_are_those_of_the_refresh(
    small_sandbox: Sandbox, refresh: Refresh, lake: Path
) -> None:
    """Full, skip, delta and a reset: the refresh that follows does what the plan said."""
    for step in ("new", "same", "day", "reset"):
        if step == "day":
            small_sandbox.next_day()
        if step == "reset":
            small_sandbox.reset_version(min(small_sandbox.versions()))
        planned = named(plan_of(small_sandbox, lake, feeds=PRODUCTS))
        rows = refresh(small_sandbox)
        assert {name: (one.mode, one.version) for name, one in planned.items()} == {
            name: (row.mode, row.to_version) for name, row in rows.items()
        }
        if step != "new":
            assert all(one.mirrored_version is not None for one in planned.values())


def test_full_says_so(small_sandbox: Sandbox, refresh: Refresh, lake: Path) -> None:
    """`--full` plans for every page that the last full walk had."""
    rows = refresh(small_sandbox)
    planned = named(plan_of(small_sandbox, lake, feeds=PRODUCTS, full=True))
    assert {name: (one.mode, one.pages) for name, one in planned.items()} == {
        name: ("full", row.page_count) for name, row in rows.items()
    }


def test_only_directory_and_versions_are_asked(refresh: Refresh, lake: Path) -> None:
    """Not one page, and not one byte of the lake is written."""
    with Scripted(categories=("hats", "shoes")) as upstream:
        for name in upstream.categories:
            upstream.put(upstream.link("feeds", name), record(name))
        refresh(upstream)
        upstream.version(2)
        upstream.asked.clear()
        before = contents(lake)
        planned = plan_of(upstream, lake, feeds=PRODUCTS)
        assert sorted(upstream.asked) == [
            "/affiliate/1.0/deltaFeeds/me/category/hats.json",
            "/affiliate/1.0/deltaFeeds/me/category/shoes.json",
            "/affiliate/api/me.json",
        ]
    changed = {name for name, stamp in contents(lake).items() if before.get(name) != stamp}
    # Any reader of the catalogue opens its log; nothing goes into it.
    assert {name for name in changed if not name.endswith(("-shm", "-wal"))} == set()
    assert {name: one.mode for name, one in named(planned).items()} == {
        "hats": "skip",
        "shoes": "delta",
    }


def test_without_a_lake_everything_is_full_and_unknown(small_sandbox: Sandbox, lake: Path) -> None:
    """Nothing tells how many pages; what a link's life is enough for is said, and no lake made."""
    planned = plan_of(small_sandbox, lake)
    products = named(planned)
    assert {one.mode for one in products.values()} == {"full"}
    assert {(one.pages, one.seconds, one.fits_link) for one in products.values()} == {
        (None, None, None)
    }
    assert not planned.is_complete
    assert all("a link's life is enough for" in one.note for one in products.values())
    assert "at least" in printed(planned)
    assert not lake.exists()
    # The tree of books names its lists: their number is known before any is read.
    assert (named(planned, "books")["books"].pages or 0) > 1


def test_a_delta_is_judged_by_those_before_it(refresh: Refresh, lake: Path) -> None:
    """Pages a version, times the versions to come; before the first delta only a bound is known."""
    with Scripted() as upstream:
        upstream.page(None, record("A"), to="2")
        upstream.page("2", record("B"), to="3")
        upstream.page("3")
        refresh(upstream)
        upstream.version(3)
        first = named(plan_of(upstream, lake, feeds=PRODUCTS))["shoes"]
        assert (first.mode, first.pages, first.most_pages) == ("delta", None, 3)
        upstream.delta(1, record("A", 90))
        refresh(upstream)
        upstream.version(9)
        second = named(plan_of(upstream, lake, feeds=PRODUCTS))["shoes"]
    # One page brought two versions; six are to come.
    assert (second.mode, second.pages, second.requests) == ("delta", 3, 4)


def test_a_chain_longer_than_a_link_lives_is_named(refresh: Refresh, lake: Path) -> None:
    """Seconds a page are those observed, a pause between two runs left out."""
    with Scripted(categories=("hats", "shoes")) as upstream:
        for name in upstream.categories:
            upstream.put(upstream.link("feeds", name), record(name))
        refresh(upstream)
        _walk_slowly(lake, "shoes", pages=2000, seconds=25)
        _walk_slowly(lake, "hats", pages=100, seconds=25)
        planned = plan_of(upstream, lake, feeds=PRODUCTS, full=True, quota=20)
    found = named(planned)
    shoes, hats = found["shoes"], found["hats"]
    assert (shoes.pages, shoes.page_seconds, shoes.seconds) == (2000, 25, 50_000)
    assert (hats.fits_link, shoes.fits_link) == (True, True)  # the script's links live long
    short = Plan(20, 1, [_with_life(one, 36_000) for one in planned.forecasts])
    text = printed(short)
    assert [one.fits_link for one in short.forecasts] == [True, False]
    assert "shoes takes 13.9 hours and a link lives 10.0" in text
    assert "hats takes" not in text
    # Two categories side by side: the longer chain counts, not the sum and not the quota.
    assert short.seconds == 50_000
    assert plan_object(short)["request_count"] == 1 + 2 + 2100


def test_the_link_says_how_long_it_lives(refresh: Refresh, lake: Path) -> None:
    """The directory's own `expiresAt` counts, not a constant."""
    rules = Rules(quota=0, url_life_seconds=600)
    with Sandbox(products=300, categories=1, rules=rules) as sandbox:
        refresh(sandbox)
        (one,) = named(plan_of(sandbox, lake, feeds=PRODUCTS, full=True)).values()
    assert one.link_seconds is not None
    assert 0 < one.link_seconds < 601


def test_the_quota_bounds_a_run_of_many_short_chains() -> None:
    """400 requests at 20 a second take 20 seconds, however quick each chain is."""
    many = [Forecast(f"c{n}", "product", "full", pages=3, page_seconds=0.1) for n in range(100)]
    assert Plan(20, 0, many).seconds == 20
    assert Plan(0, 0, many).seconds == pytest.approx(0.3)


def test_a_category_that_does_not_say_leaves_the_others_alone(lake: Path) -> None:
    """It is named with the reason; wrong credentials and unknown names end the plan."""
    with Scripted(categories=("hats", "shoes")) as upstream:
        upstream.answers[upstream.path("deltaFeeds", "shoes")] = [404]
        planned = plan_of(upstream, lake, feeds=PRODUCTS)
        assert {name: one.mode for name, one in named(planned).items()} == {
            "hats": "full",
            "shoes": "unknown",
        }
        assert "answered 404" in printed(planned)
        with pytest.raises(UnknownCategoryError):
            plan_of(upstream, lake, "shoos")
        upstream.answers[upstream.path("deltaFeeds", "shoes")] = [401]
        with pytest.raises(CredentialsError):
            plan_of(upstream, lake)


@pytest.mark.command
def test_the_command_needs_no_prefect(small_sandbox: Sandbox, lake: Path, tmp_path: Path) -> None:
    """It prints JSON, ends with 0 and has not imported Prefect."""
    code = (
        "import sys; from flows.cli import main; sys.argv = ['feedlake', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code or 0, 'prefect' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "plan", "--json", "--feed", "product", "--feed", "dump"],
        env=command_environment(lake)
        | {
            "FK_AFFILIATE_ID": small_sandbox.affiliate_id,
            "FK_AFFILIATE_TOKEN": small_sandbox.token,
            "FEEDLAKE_API_URL": small_sandbox.url,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "0 False\n"
    plan = json.loads(done.stdout)
    assert {one["feed"] for one in plan["feeds"]} == {"product", "dump"}
    assert (plan["quota"], plan["is_complete"]) == (20, False)


def _walk_slowly(lake: Path, category: str, *, pages: int, seconds: float) -> None:
    """Record a full walk of so many pages that went on after an hour's pause."""
    began = datetime.now(UTC) + timedelta(days=1)
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute(
            "INSERT INTO refreshes SELECT * REPLACE (refresh_id || 'slow' AS refresh_id, "
            "$pages AS page_count, $at AS finished_at) FROM refreshes WHERE category = $category",
            {"pages": pages, "at": began, "category": category},
        )
        connection.execute(
            "INSERT INTO walk_pages SELECT refresh_id || 'slow', number, 'c', 'd', NULL, 1, 0, 1, "
            "'', $at + to_seconds($seconds * number + if(number > 50, 3600, 0)) "
            "FROM (SELECT refresh_id FROM refreshes WHERE category = $category LIMIT 1), "
            "generate_series(1, $pages) AS page(number)",
            {"pages": pages, "at": began, "category": category, "seconds": seconds},
        )


def _with_life(one: Forecast, seconds: float) -> Forecast:
    from dataclasses import replace

    return replace(one, link_seconds=seconds)
