"""Runs against a sandbox that fails on purpose, and what each one ends as."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from feeds.client import Patience
from feeds.errors import FeedError
from feeds.sandbox.faults import KINDS, Faults, Kind
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from flows.jobs import plan_jobs
from flows.mirror import open_mirror
from flows.progress import Progress
from flows.settings import Settings
from storage.lake import LakeFolder, open_for_reading
from storage.refreshes import RefreshRow

Outcome = Literal["whole", "mended", "failed", "hole"]
Listed = dict[str, dict[str, tuple[Any, ...]]]
"""By category and product id: selling price and stock."""

_PATIENCE = Patience(attempts=4, first_wait=0.005, longest_wait=0.02, timeout=5)
_LINKS_LIVE_SECONDS = 0.3
_RUNS_A_DAY = 5
_DAYS = 2


@dataclass
class Report:
    """What became of one seed.

    Attributes:
        outcome: `whole`: every run ended equal to the truth. `mended`: a run said what failed, and
            the same command, run again, made it whole. `failed`: it did not within a few runs.
            `hole`: a category was called done and differs from the truth, or one was called failed
            and had changed; this must not be.
        errors: what the failures said.
        holes: where mirror and truth differ though nobody said so.
        faults: the faults there were, by kind.
    """

    seed: int
    outcome: Outcome = "whole"
    errors: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    faults: Counter[Kind] = field(default_factory=Counter)


@dataclass
class Chaos:
    """What became of many.

    Attributes:
        outcomes: how many ended as what.
        faults: the faults there were, by kind.
        holes: where mirror and truth differ though nobody said so, with the seed.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    faults: Counter[Kind] = field(default_factory=Counter)
    holes: list[str] = field(default_factory=list)


def run_seed(seed: int, lake: Path, share: float = 0.1, kinds: Collection[Kind] = KINDS) -> Report:
    """Mirror everything, then the changes of some days, while answers fail and links die."""
    report = Report(seed)
    faults = Faults(share, seed, kinds, slow_seconds=0.02)
    rules = Rules(quota=0, url_life_seconds=_LINKS_LIVE_SECONDS)
    with Sandbox(
        products=600, categories=3, seed=seed, page_size=20, books=4, rules=rules, faults=faults
    ) as sandbox:
        for day in range(_DAYS):
            if day:
                sandbox.next_day()
            _one_day(sandbox, lake, report)
    report.faults = faults.made
    return report


def _one_day(sandbox: Sandbox, lake: Path, report: Report) -> None:
    truth, before = _truth(sandbox), _mirrored(lake)
    for run in range(_RUNS_A_DAY):
        try:
            rows = asyncio.run(_refresh(sandbox, lake))
        except FeedError as error:  # the directory itself; the command ends with this line
            report.errors.append(str(error))
            failed = set(sandbox.versions())
        else:
            report.errors += [f"{row.category}: {row.error}" for row in rows if row.error]
            failed = {row.category for row in rows if row.status == "failed"}
        after = _mirrored(lake)
        report.holes += _holes(truth, before, after, failed)
        before = after
        if report.holes:
            report.outcome = "hole"
            return
        if not failed:
            return
        if report.outcome != "failed":
            report.outcome = "failed" if run == _RUNS_A_DAY - 1 else "mended"


async def _refresh(sandbox: Sandbox, lake: Path) -> list[RefreshRow]:
    settings = Settings(
        affiliate_id=sandbox.affiliate_id,
        affiliate_token=SecretStr(sandbox.token),
        api_url=sandbox.url,
        lake=lake,
        quota=0,
    )
    async with open_mirror(settings, Progress(), patience=_PATIENCE) as mirror:
        await mirror.begin(await plan_jobs(mirror, feeds=(Feed.PRODUCT,)))
        await asyncio.gather(*(mirror.do(job) for job in mirror.jobs))
        await mirror.end()
    return mirror.rows


def _holes(truth: Listed, before: Listed, after: Listed, failed: set[str]) -> list[str]:
    """Return where a category is neither what it said to be nor named as failed."""
    holes = []
    for category, products in truth.items():
        mirrored = after.get(category, {})
        if category not in failed and mirrored != products:
            lost, extra = len(products.keys() - mirrored), len(mirrored.keys() - products)
            holes.append(f"{category}: {lost} lost, {extra} too many, or they differ")
        # A failed category is as it was, but for products that others share with it.
        then, now = before.get(category, {}).keys(), mirrored.keys()
        if category in failed and (
            (now - then) - products.keys() or (then - now) & products.keys()
        ):
            holes.append(f"{category} failed and is not as it was")
    return holes


def _truth(sandbox: Sandbox) -> Listed:
    truth: Listed = {}
    for category in sandbox.versions():
        bases = [record["productBaseInfoV1"] for record in sandbox.truth(category)]
        truth[category] = {
            base["productId"]: (_price(base["flipkartSellingPrice"]), base["inStock"])
            for base in bases
        }
    return truth


def _price(said: dict[str, Any] | None) -> Decimal | None:
    return None if said is None else Decimal(str(said["amount"])).quantize(Decimal("0.01"))


def _mirrored(lake: Path) -> Listed:
    if not LakeFolder(lake).exists():
        return {}
    with open_for_reading(LakeFolder(lake)) as connection:
        rows = connection.execute("""
            SELECT listed.category, product_id, selling_price, in_stock
            FROM products JOIN product_categories AS listed USING (product_id)
            WHERE listed.delisted_at IS NULL AND is_available
        """).fetchall()
    mirrored: Listed = {}
    for category, product_id, *figures in rows:
        mirrored.setdefault(category, {})[product_id] = tuple(figures)
    return mirrored


def chaos_for(folder: Path, seed: int, seconds: float) -> Chaos:
    """Run seed after seed until the time is up.

    Args:
        folder: an empty one.
        seed: the first; the next ones follow it.
        seconds: how long; a run that has begun is ended.
    """
    chaos = Chaos()
    ends_at = time.monotonic() + seconds
    for one in count(seed):
        report = run_seed(one, folder / str(one))
        chaos.outcomes[report.outcome] += 1
        chaos.faults += report.faults
        chaos.holes += [f"seed {one}: {hole}" for hole in report.holes]
        shutil.rmtree(folder / str(one), ignore_errors=True)
        if time.monotonic() > ends_at:
            break
    return chaos
