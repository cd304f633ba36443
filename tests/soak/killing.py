"""Refreshes that are killed, what the lake is after each kill, and after the next refresh.

Three moments of a lake's life are killed over and over: its first refresh, which makes it, one
that follows the deltas of ten days, and one that merges the dumps of ten days later.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from storage.errors import LakeError
from storage.lake import LakeFolder
from tests.soak.contents import (
    Shown,
    Stamp,
    assert_holds_together,
    contents,
    mirrored_by,
    shown_by,
)
from tests.soak.refreshing import refresh_lake, settings_of

_HERE = Path(__file__).parent
_LONGEST = 120
_KINDS = ("step", "write", "torn")


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill.

    Attributes:
        kind: `step`, a moment between statements and files in Python; `write`, before a change of
            a file by whatever library; `torn`, in the middle of one; `time`.
        number: the how-manieth; milliseconds for `time`.
    """

    kind: str
    number: int


@dataclass(slots=True)
class Moment:
    """A refresh to kill.

    Attributes:
        name: `first`, `later` or `dump`.
        feed: what it refreshes.
        sandbox: what from.
        base: the lake before it; None where there is none.
        shown: what each category shows where it may stand.
        expected: what the lake holds after it, by table.
    """

    name: str
    feed: Feed
    sandbox: Sandbox
    base: Path | None
    shown: dict[tuple[str, Stamp], dict[str, Shown]]
    expected: dict[str, str]


@dataclass(slots=True)
class Tally:
    """What was done.

    Attributes:
        kills: processes killed.
        points: the different places where, with the moment's name.
        survived: processes that ended before their point.
        recoveries: refreshes that ended what kills had left.
        failures: what did not hold, with where the kill was.
    """

    kills: int = 0
    points: set[str] = field(default_factory=set)
    survived: int = 0
    recoveries: int = 0
    failures: list[str] = field(default_factory=list)


class Killer:
    """Kills refreshes of some moments.

    Attributes:
        moments: the refreshes to kill.
        tally: what was done so far.
    """

    def __init__(self, folder: Path, moments: Sequence[Moment]) -> None:
        """Work in an empty folder."""
        self.moments = moments
        self.tally = Tally()
        self._folder = folder
        self._preload = _compiled(folder)

    @property
    def cuts_writes(self) -> bool:
        """Whether there is a C compiler, so that kills land inside files too."""
        return self._preload is not None

    def points(self, moment: Moment) -> list[Point]:
        """Return every point of a refresh, from one that is let live."""
        lake = self._new_lake(moment)
        counts = dict.fromkeys(("steps", "writes"), 0)
        for line in self._run(moment, lake, Point("step", 0)):
            word, number, *_ = line.split()
            counts[word] = int(number)
        assert moment.expected == contents(lake)
        steps = [Point("step", one + 1) for one in range(counts["steps"])]
        writes = range(1, counts["writes"] + 1)
        return steps + [Point(kind, one) for one in writes for kind in ("write", "torn")]

    def chain(self, moment: Moment, points: Sequence[Point]) -> list[Point]:
        """Kill one refresh after the other in the same lake, then let one end.

        Returns:
            The points not met, because a refresh ended before: what is resumed is shorter.
        """
        lake = self._new_lake(moment)
        missed: list[Point] = []
        for place, point in enumerate(points):
            if not self._kill(moment, lake, point):
                missed = list(points[max(place, 1) :])
                break
            check(moment, lake)
        self.recover(moment, lake)
        return missed

    def recover(self, moment: Moment, lake: Path) -> None:
        """Refresh to the end and compare with a lake that was never killed."""
        sandbox = moment.sandbox
        settings = settings_of(sandbox.url, sandbox.affiliate_id, sandbox.token, lake)
        rows = asyncio.run(refresh_lake(settings, feed=moment.feed))
        assert [row for row in rows if row.status == "failed"] == []
        assert_holds_together(lake)
        assert moment.expected == contents(lake)
        self.tally.recoveries += 1

    def _kill(self, moment: Moment, lake: Path, point: Point) -> bool:
        before = self.tally.kills
        self._run(moment, lake, point)
        if self.tally.kills == before:
            self.tally.survived += 1
            return False
        if point.kind != "time":
            self.tally.points.add(f"{moment.name} {point.kind} {point.number}")
        return True

    def _run(self, moment: Moment, lake: Path, point: Point) -> list[str]:
        """Run a refresh to its point, and return what it said."""
        report = self._folder / "report"
        report.unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.child"],
            env=os.environ | self._environment(moment, lake, point, report),
            cwd=_HERE.parent.parent,
            stderr=subprocess.PIPE,
            text=True,
        )
        limit = point.number / 1000 if point.kind == "time" else _LONGEST
        try:
            _, complaint = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            _, complaint = process.communicate()
            assert point.kind == "time", "the refresh hangs"
        ended = {0, -signal.SIGKILL}
        assert process.returncode in ended, complaint
        self.tally.kills += process.returncode != 0
        return report.read_text(encoding="utf-8").splitlines() if report.exists() else []

    def _environment(
        self, moment: Moment, lake: Path, point: Point, report: Path
    ) -> dict[str, str]:
        sandbox = moment.sandbox
        given = {
            "SOAK_URL": sandbox.url,
            "SOAK_ID": sandbox.affiliate_id,
            "SOAK_TOKEN": sandbox.token,
            "SOAK_FEED": moment.feed.value,
            "SOAK_LAKE": str(lake),
            "SOAK_REPORT": str(report),
        }
        if point.kind == "step":
            given["SOAK_STEP"] = str(point.number)
        if point.kind in {"write", "torn"}:
            given |= {"SOAK_WRITE": str(point.number), "SOAK_TORN": str(int(point.kind == "torn"))}
        if self._preload:
            given["LD_PRELOAD"] = str(self._preload)
        return given

    def _new_lake(self, moment: Moment) -> Path:
        lake = self._folder / "lake"
        shutil.rmtree(lake, ignore_errors=True)
        if moment.base:
            shutil.copytree(moment.base, lake)
        return lake


def check(moment: Moment, lake: Path) -> None:
    """Fail where the lake is not whole, or a category is not what it says that it is."""
    if not LakeFolder(lake).exists():
        assert moment.base is None
        return
    assert_holds_together(lake)
    several = in_several(moment)
    for category, (stamp, found) in mirrored_by(lake).items():
        assert (category, stamp) in moment.shown, f"{category} stands at {stamp}"
        expected = moment.shown[category, stamp]
        assert expected.keys() == found.keys()
        # The other category of a product may be at a later version already.
        told = {one: shown for one, shown in expected.items() if one not in several}
        assert told == {one: found[one] for one in told}


def in_several(moment: Moment) -> set[str]:
    """Return the products that more than one category listed at some time."""
    seen: dict[str, set[str]] = {}
    for (category, _), products in list(moment.shown.items()):
        for product_id in products:
            seen.setdefault(product_id, set()).add(category)
    return {product_id for product_id, categories in seen.items() if len(categories) > 1}


@contextmanager
def moments(folder: Path, seed: int, products: int = 200) -> Iterator[list[Moment]]:
    """Serve two catalogues, one ten days older, and mirror both without a kill."""

    def small() -> Sandbox:
        rules = Rules(quota=0, misquoted_every=0, stray_byte_every=0)
        return Sandbox(
            products=products, categories=2, page_size=40, seed=seed, books=1, rules=rules
        )

    with small() as first, small() as later:
        product, dump = folder / "product", folder / "dump"
        shown = shown_now(first)
        _refresh(first, product, Feed.PRODUCT)
        _refresh(first, dump, Feed.DUMP)
        later.next_day(10)
        yield [
            Moment("first", Feed.PRODUCT, first, None, shown, contents(product)),
            _moment("later", Feed.PRODUCT, later, product, shown | shown_now(later)),
            _moment("dump", Feed.DUMP, later, dump, {}),
        ]


def _moment(
    name: str,
    feed: Feed,
    sandbox: Sandbox,
    base: Path,
    shown: dict[tuple[str, Stamp], dict[str, Shown]],
) -> Moment:
    """Return a refresh of a lake that is there; what a dump shows is told by the lakes alone."""
    reference = base.with_name(f"{base.name}-after")
    shutil.copytree(base, reference)
    _refresh(sandbox, reference, feed)
    if not shown:
        for lake in (base, reference):
            stood = mirrored_by(lake)
            shown |= {(category, stamp): found for category, (stamp, found) in stood.items()}
    return Moment(name, feed, sandbox, base, shown, contents(reference))


def shown_now(sandbox: Sandbox) -> dict[tuple[str, Stamp], dict[str, Shown]]:
    """Return what a sandbox shows at its versions of this moment."""
    versions = sandbox.versions()
    return {(name, (version, 0)): shown_by(sandbox, name) for name, version in versions.items()}


def _refresh(sandbox: Sandbox, lake: Path, feed: Feed) -> None:
    settings = settings_of(sandbox.url, sandbox.affiliate_id, sandbox.token, lake)
    rows = asyncio.run(refresh_lake(settings, feed=feed))
    assert {"done"} == {row.status for row in rows}


def _compiled(folder: Path) -> Path | None:
    """Return the library that kills at a write; None without a C compiler, or not on Linux."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "kill_at_write.so"
    source = str(_HERE / "kill_at_write.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"], check=True
    )
    return library


def kill_for(
    killer: Killer,
    seed: int,
    *,
    seconds: float,
    points_a_moment: int = 0,
    tell: Callable[[str], object] | None = None,
) -> None:
    """Kill at point after point, in an order that the seed fixes, a few in each lake.

    What does not hold goes to the tally, and the next chain is begun.

    Args:
        killer: does it, and counts.
        seed: fixes the order.
        seconds: when to stop; a chain that has begun is ended.
        points_a_moment: how many points of each moment at most; 0 for all.
        tell: told how far it is, after each chain.
    """
    draw = random.Random(seed)  # noqa: S311 - the same seed kills at the same points
    ends_at = time.monotonic() + seconds
    queues: list[tuple[Moment, list[Point]]] = []
    for moment in killer.moments:
        points = killer.points(moment)
        draw.shuffle(points)
        # There are more writes than steps: a short run sees as many of each.
        kinds = [[one for one in points if one.kind == kind] for kind in _KINDS]
        points = [one for turn in zip_longest(*kinds) for one in turn if one]
        points = points[:points_a_moment] if points_a_moment else points
        # A kill at no chosen place, between every few: it may meet what nobody thought of.
        timed = [Point("time", draw.randrange(300, 2500)) for _ in range(len(points) // 10)]
        for number, point in enumerate(timed):
            points.insert(number * 11, point)
        queues.append((moment, points))
    while any(points for _, points in queues) and time.monotonic() < ends_at:
        for moment, points in queues:
            chain = [points.pop(0) for _ in range(min(len(points), draw.randint(2, 4)))]
            if not chain:
                continue
            try:
                points[:0] = killer.chain(moment, chain)
            except (AssertionError, LakeError) as error:
                first_line = (str(error) or repr(error)).split("\n", 1)[0]
                killer.tally.failures.append(f"{moment.name} {chain}: {first_line[:300]}")
            if tell:
                tell(f"{killer.tally.kills} kills at {len(killer.tally.points)} points")
