"""Every benchmark in one run: `make bench`, or `python -m tests.bench --scale 0.1 --only deltas`.

Prints each part as it ends. With `--write` the whole of them becomes `docs/benchmarks.md`; that is
for a whole run at scale 1 on a machine that does nothing else.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tests.bench.asking import asking
from tests.bench.decoding import decoding
from tests.bench.deltas import deltas
from tests.bench.dumping import dumping
from tests.bench.figure import Figure, table
from tests.bench.refreshing import refreshing
from tests.bench.starting import starting

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
PARTS: dict[str, Callable[[Path, float], list[Figure]]] = {
    "decoding": decoding,
    "refreshing": refreshing,
    "deltas": deltas,
    "dumping": dumping,
    "asking": asking,
    "starting": starting,
}
_MARK = "<!-- figures -->"


def bench(
    *,
    scale: Annotated[float, typer.Option(help="Sizes, as a share of the whole.", min=0.01)] = 1,
    only: Annotated[list[str] | None, typer.Option(help="Parts to run; all by default.")] = None,
    write: Annotated[bool, typer.Option(help="Put the figures into docs/benchmarks.md.")] = False,
) -> None:
    """Run the benchmarks."""
    told = [_machine(scale)]
    for name in only or PARTS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            figures = PARTS[name](Path(folder), scale)
        told.append(f"### {name}\n\n{table(figures)}")
        typer.echo(f"{told[-1]}\n\n({time.monotonic() - began:.0f} s)\n")
    if write:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition(_MARK)
        _, _, tail = rest.partition(_MARK)
        figures_text = "\n\n".join(told)
        PAGE.write_text(f"{head}{_MARK}\n\n{figures_text}\n\n{_MARK}{tail}", encoding="utf-8")


def _machine(scale: float) -> str:
    load = os.getloadavg()[1]
    return (
        f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores ({platform.machine()}), load of "
        f"{load:.1f} in the five minutes before, Python {platform.python_version()}, "
        f"sizes at {scale:g}. A spread is the median (least to most) of one run."
    )


if __name__ == "__main__":
    typer.run(bench)
