"""Whole refreshes from a sandbox in a process of its own, and what others take for the same."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from storage.lake import LakeFolder, open_for_reading
from tests.bench.figure import Figure
from tests.bench.measuring import apart
from tests.soak.refreshing import refresh_lake, settings_of

_HERE = Path(__file__).parent
_PEERS = _HERE.parent.parent / ".venv-peers" / "bin" / "python"
_CATEGORIES = 16
_SUM = "SELECT count(*), sum(selling_price)::DOUBLE FROM products"


def refreshing(folder: Path, scale: float) -> list[Figure]:
    """Measure a full refresh of 200,000 products at `scale` 1, its peers, and one at the quota."""
    products = round(200_000 * scale)
    with _serving(products, quota=0) as sandbox:
        whole = apart(refreshed, *_account(sandbox), folder / "whole", 0.0)
        figures = [
            Figure(
                f"full refresh of {products:,} products, without a quota",
                f"{products / whole.seconds:,.0f} products a second",
                "12,000",
            ),
            Figure(
                "processor seconds for 100,000 products of it",
                f"{whole.cpu_seconds / products * 100_000:.1f}",
            ),
            Figure("most memory of it", whole.peak, "under 1 GB"),
        ]
    with _serving(round(20_000 * scale), quota=0) as sandbox:
        figures += _beside_peers(sandbox, folder)
    return [*figures, *_at_the_quota(folder, round(100_000 * scale))]


def _beside_peers(sandbox: Sandbox, folder: Path) -> list[Figure]:
    ours = apart(refreshed, *_account(sandbox), folder / "ours", 0.0)
    figures = []
    for name, says in (("dlt", "15"), ("pandas", "")):
        theirs = _peer(name, sandbox, folder / name)
        if theirs is None:
            continue
        assert theirs["count"] == ours.result[0]
        assert abs(theirs["sum"] - ours.result[1]) < 1
        figures.append(
            Figure(
                f"full refresh of {ours.result[0]:,} products, times the speed of {name}",
                f"{theirs['seconds'] / ours.seconds:.1f} "
                f"({ours.result[0] / theirs['seconds']:,.0f} products a second there)",
                says,
            )
        )
    return figures


def _peer(name: str, sandbox: Sandbox, folder: Path) -> dict[str, float] | None:
    if not _PEERS.exists():
        return None
    folder.mkdir()
    done = subprocess.run(
        [_PEERS, _HERE / "peers" / f"{name}_mirror.py", *_account(sandbox)],
        cwd=folder,
        env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _at_the_quota(folder: Path, products: int) -> list[Figure]:
    with _serving(products, quota=20, page_size=50) as sandbox:
        paced = apart(refreshed, *_account(sandbox), folder / "paced", 20.0)
        stats = sandbox.stats()
    rate = stats["requests"] / paced.seconds
    return [
        Figure(
            f"quota of 20 a second held over {stats['requests']:,} requests",
            f"{rate / 20:.0%}, {stats['over_quota']} refused",
            "98%",
        ),
        Figure(
            "share of one core taken meanwhile, with pages of 50",
            f"{paced.cpu_seconds / paced.seconds:.0%}",
            "under 60%",
        ),
    ]


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
