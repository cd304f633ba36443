"""Decoders beside the least that can be done with the same bytes."""

from __future__ import annotations

from pathlib import Path

from tests.bench.dump_million import read_numbered, scan_seconds, write_numbered
from tests.bench.figure import Figure
from tests.bench.measuring import Spread, apart
from tests.bench.pages import PAGE, walked, write_pages

_PAGES = 20
_DUMP_ROUNDS = 3
_REFRESH = "flows.refresh"
"""The module that a refresh runs in: with it comes everything that such a process holds."""


def decoding(folder: Path, scale: float) -> list[Figure]:
    """Measure walks of pages in JSON and XML, and a dump; `scale` 1 is a dump of 300,000 rows."""
    return [*_walks(folder / "pages"), *_dump(folder, round(300_000 * scale))]


def _walks(folder: Path) -> list[Figure]:
    folder.mkdir()
    write_pages(folder, _PAGES)
    json = "JSON page to typed frame, times the speed of `orjson.loads`, beside a refresh's modules"
    xml = "XML page as captured answers lay it out to typed frame, times lxml parsing alone"
    return [
        _beside(json, "1.0", walked(folder, "json", "on", _REFRESH)),
        _beside("the same where only the decoder was imported", "", walked(folder, "json", "on")),
        _beside(
            "the same as during a refresh, when Python's garbage collector comes seldom",
            "",
            walked(folder, "json", "seldom", _REFRESH),
        ),
        _beside("the same without Python's garbage collector", "", walked(folder, "json", "off")),
        _beside(xml, "0.4", walked(folder, "xml", "on", _REFRESH)),
    ]


def _beside(what: str, wanted: str, seconds: list[list[float]]) -> Figure:
    ours, theirs = seconds
    rates = [f"{PAGE / Spread(one).median:,.0f}" for one in seconds]
    value = f"{Spread.of_ratios(ours, theirs)}; {rates[0]} products a second, there {rates[1]}"
    return Figure(what, value, wanted)


def _dump(folder: Path, rows: int) -> list[Figure]:
    file = folder / "dump.zip"
    # Without faults, which Polars would stop at; `dump_million` reads one with them.
    write_numbered(file, rows, broken_every=0)
    ours, theirs, peaks = [], [], []
    for _ in range(_DUMP_ROUNDS):
        measured = apart(read_numbered, file)
        ours.append(measured.result.seconds)
        peaks.append(measured.peak_bytes)
        theirs.append(apart(scan_seconds, file).result)
    file.unlink()
    return [
        Figure(
            f"dump of {rows:,} rows to typed frames, times the speed of inflate and Polars scan",
            str(Spread.of_ratios(ours, theirs)),
            "0.5",
        ),
        Figure(f"most memory while reading it, of {rows:,} rows", f"{max(peaks) / 2**20:,.0f} MiB"),
    ]
