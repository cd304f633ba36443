"""Whole refreshes from a sandbox in a process of its own, and what others take for the same."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from storage.lake import LakeFolder, open_for_reading
from tests.bench.figure import Figure
from tests.bench.measuring import Measured, Spread, apart
from tests.soak.refreshing import refresh_lake, settings_of

_HERE = Path(__file__).parent
_PYTHON = _HERE.parent.parent / ".venv-peers" / "bin" / "python"
_CATEGORIES = 16
_ROUNDS = 5
_SUM = "SELECT count(*), sum(selling_price)::DOUBLE FROM products"


@dataclass(frozen=True)
class _Peer:
    """Another way to the same products.

    Attributes:
        name: what it is called in a figure.
        script: its file in `peers`, run with `arguments`.
        products: how many it mirrors at `scale` 1.
        wanted: how many times as fast ours should be.
    """

    name: str
    script: str
    products: int
    arguments: tuple[str, ...] = ()
    wanted: str = ""


_PEERS = (
    _Peer("dlt as it comes, lists in tables", "dlt_mirror.py", 20_000, wanted="15"),
    _Peer("dlt with lists kept as JSON", "dlt_mirror.py", 100_000, ("0",), wanted="15"),
    _Peer("requests and pandas, all as text in one file", "pandas_mirror.py", 100_000),
)


def refreshing(folder: Path, scale: float) -> list[Figure]:
    """Measure a full refresh of 200,000 products at `scale` 1, its peers, and one at the quota."""
    products = round(200_000 * scale)
    rounds = _whole(folder, products, _ROUNDS)
    (fifth,) = _whole(folder, products // 5, 1)
    rates = Spread([products / one.seconds for one in rounds])
    cpu_seconds = Spread([one.cpu_seconds / products * 100_000 for one in rounds])
    most = max(rounds, key=lambda one: one.peak_bytes)
    figures = [
        Figure(
            f"full refresh of {products:,} products, without a quota",
            f"{rates:,.0f} products a second",
            "12,000",
        ),
        Figure("processor seconds for 100,000 products of it", f"{cpu_seconds:.1f}"),
        Figure("most memory of it", f"{most.peak}; of a fifth of it {fifth.peak}", "under 1 GB"),
    ]
    for peer in _PEERS:
        figures += _beside(peer, folder, scale)
    return [*figures, *_at_the_quota(folder, round(400_000 * scale))]


def _whole(folder: Path, products: int, rounds: int) -> list[Measured[tuple[int, float]]]:
    with _serving(products, quota=0) as sandbox:
        lakes = [folder / f"{products}-{number}" for number in range(rounds)]
        return [apart(refreshed, *_account(sandbox), lake, 0.0) for lake in lakes]


def _beside(peer: _Peer, folder: Path, scale: float) -> list[Figure]:
    if not _PYTHON.exists():
        return []
    with _serving(round(peer.products * scale), quota=0) as sandbox:
        ours = apart(refreshed, *_account(sandbox), folder / f"beside {peer.name}", 0.0)
        theirs = _answer(peer, sandbox, folder / peer.name)
    count, total = ours.result
    assert theirs["count"] == count
    assert abs(theirs["sum"] - total) < 1
    return [
        Figure(
            f"full refresh of {count:,} products, times the speed of {peer.name}",
            f"{theirs['seconds'] / ours.seconds:.1f} "
            f"({count / ours.seconds:,.0f} a second to {count / theirs['seconds']:,.0f})",
            peer.wanted,
        )
    ]


def _answer(peer: _Peer, sandbox: Sandbox, folder: Path) -> dict[str, float]:
    folder.mkdir()
    done = subprocess.run(
        [_PYTHON, _HERE / "peers" / peer.script, *_account(sandbox), *peer.arguments],
        cwd=folder,
        env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _at_the_quota(folder: Path, products: int) -> list[Figure]:
    figures: list[Figure] = []
    for page_size in (500, 50):
        with _serving(products * page_size // 500, quota=20, page_size=page_size) as sandbox:
            paced = apart(refreshed, *_account(sandbox), folder / f"{page_size}", 20.0)
            asked = sandbox.stats()
        rate = (asked["requests"] - 1) / asked["seconds"]
        figures += [
            Figure(
                f"quota of 20 a second held in {asked['requests']:,} requests for pages of "
                f"{page_size}",
                f"{rate / 20:.1%}, {asked['over_quota']} refused",
                "98%",
            ),
            Figure(
                f"share of one core taken meanwhile, {rate * page_size:,.0f} products a second",
                f"{paced.cpu_seconds / paced.seconds:.0%}",
                "under 60%",
            ),
        ]
    return figures


def refreshed(
    url: str, affiliate_id: str, token: str, lake: Path, quota: float
) -> tuple[int, float]:
    """Refresh a new lake; return the count of its products and the sum of their prices."""
    settings = settings_of(url, affiliate_id, token, lake).model_copy(update={"quota": quota})
    rows = asyncio.run(refresh_lake(settings))
    assert {"done"} == {row.status for row in rows}
    with open_for_reading(LakeFolder(lake)) as connection:
        ((count, total),) = connection.execute(_SUM).fetchall()
    return count, total


@contextmanager
def _serving(products: int, quota: int, page_size: int = 500) -> Iterator[Sandbox]:
    rules = Rules(quota=quota)
    with Sandbox(
        products=products,
        categories=_CATEGORIES,
        page_size=page_size,
        books=1,
        rules=rules,
        process=True,
    ) as sandbox:
        sandbox.warm()
        yield sandbox


def _account(sandbox: Sandbox) -> tuple[str, str, str]:
    return sandbox.url, sandbox.affiliate_id, sandbox.token
