"""Whole commands, from the start of the process to its end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.prefect_server import prefect_server
from tests.bench.figure import Figure
from tests.bench.measuring import Spread
from tests.soak.refreshing import environment_of

_FEEDLAKE = str(Path(sys.executable).parent / "feedlake")
_ROUNDS = 5


def starting(folder: Path, _: float) -> list[Figure]:
    """Measure commands that have little to do."""
    with (
        Sandbox(products=400, categories=4, books=1, rules=Rules(quota=0)) as sandbox,
        prefect_server(folder / "prefect") as server,
    ):
        asyncio.run(server.ready())
        environment = environment_of(sandbox, folder / "lake", server.api_url)
        refresh = ("refresh", "--feed", "product")
        _seconds(environment, *refresh)
        commands = {
            "feedlake link": (("link", "SHOE0000000000AA"), "0.7 s"),
            'feedlake sql "select 1"': (("sql", "select 1"), "0.7 s"),
            "feedlake status": (("status",), ""),
            "feedlake refresh, nothing to do, Prefect server running": (refresh, "3 s"),
        }
        return [
            Figure(
                f"`{name.split(',')[0]}`{name[len(name.split(',')[0]) :]}",
                f"{Spread([_seconds(environment, *call) for _ in range(_ROUNDS)])} s",
                wanted,
            )
            for name, (call, wanted) in commands.items()
        ]


def _seconds(environment: dict[str, str], *call: str) -> float:
    began = time.perf_counter()
    subprocess.run([_FEEDLAKE, *call], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began
