"""How fast, and in how much memory, a dump of a million rows is read.

    python -m tests.bench.dump_million [ROWS]

Writes a dump of made-up products in which every 25,000th row is broken, reads it, checks every id
and every fault, and prints the figures beside those of unzipping the same rows and letting Polars
read them, which is the least that can be done. Takes some minutes and 400 MB of disk.
"""

from __future__ import annotations

import sys
import time
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from feeds.dump.dump import Dump
from feeds.sandbox.dump import Flaws, write_dump
from feeds.sandbox.synthetic import synthetic
from tests.bench.measuring import apart

_BASE_ROWS = 5_000
_BROKEN_EVERY = 25_000
_IMAGES = b",http://img"
_DESCRIPTION = b'"The so-called "smart, light" one, 15" wide"'


@dataclass(frozen=True)
class Figures:
    """What reading a dump took and gave.

    Attributes:
        shifted: lines of the rows that were rejected.
    """

    row_count: int
    repaired_count: int
    shifted: list[int]
    seconds: float


def numbered_id(number: int) -> str:
    """Return the id of a row, counted from 0."""
    return f"NUMB{number:012}"


def write_numbered(file: Path, row_count: int, broken_every: int) -> list[int]:
    """Write a dump whose ids count its rows; return the lines of the rows that lost a field.

    Of the broken rows every other one is only misquoted, and can be repaired.
    """
    header, *base = _base_rows(file.with_suffix(".base"))
    shifted: list[int] = []
    line = 2
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("abc-d3f.csv", "w", force_zip64=True) as out,
    ):
        out.write(header)
        for number in range(row_count):
            row = base[number % len(base)]
            row = row.replace(row[:16], numbered_id(number).encode())
            turn = (number + 1) // broken_every if broken_every else 0
            if turn and (number + 1) % broken_every == 0:
                row = _broken(row, is_shifted=turn % 2 == 0)
                shifted += [line] * (turn % 2 == 0)
            out.write(row)
            line += row.count(b"\n")
    return shifted


def read_numbered(file: Path) -> Figures:
    """Read such a dump and check that every id is there, in its place, once."""
    started = time.perf_counter()
    number = repaired_count = 0
    shifted: list[int] = []
    with Dump(file) as dump:
        for chunk in dump.chunks():
            _check(chunk.frame, number)
            shifted += [reject.line or 0 for reject in chunk.rejected]
            repaired_count += chunk.repaired_count
            number += chunk.row_count
    seconds = time.perf_counter() - started
    return Figures(number, repaired_count, shifted, seconds)


def scan_seconds(file: Path) -> float:
    """Unzip a dump to disk and let Polars read it; return the seconds."""
    text = file.with_suffix(".csv")
    started = time.perf_counter()
    with (
        zipfile.ZipFile(file) as archive,
        archive.open(archive.namelist()[0]) as member,
        text.open("wb") as out,
    ):
        while part := member.read(1024**2):
            out.write(part)
    for _ in pl.scan_csv(text, infer_schema=False).collect_batches(chunk_size=10_000):
        pass
    seconds = time.perf_counter() - started
    text.unlink()
    return seconds


def _check(frame: pl.DataFrame, first: int) -> None:
    expected = [numbered_id(first + number) for number in frame["record_number"]]
    if frame["product_id"].to_list() != expected:
        raise AssertionError(f"rows from {first} on are not what was written")


def _base_rows(file: Path) -> list[bytes]:
    """Return the header of a sandbox's dump, and its rows of one line that have images."""
    category = next(iter(synthetic(_BASE_ROWS, 1, books=0).categories.values()))
    write_dump(category, "v1.1.0", file, date(2024, 3, 1), Flaws(0, 0))
    with zipfile.ZipFile(file) as archive:
        lines = archive.read(archive.namelist()[0]).splitlines(keepends=True)
    file.unlink()
    return [
        lines[0],
        *(line for line in lines[1:] if _IMAGES in line and line.count(b'"') % 2 == 0),
    ]


def _broken(row: bytes, *, is_shifted: bool) -> bytes:
    """Put a misquoted description into a row, and take its last field where it is to shift."""
    whole = row[:16] + b",Shoe," + _DESCRIPTION + row[row.index(_IMAGES) :]
    return whole.rsplit(b",", 1)[0] + b"\n" if is_shifted else whole


def main(row_count: int = 1_000_000) -> None:
    """Write, read, compare and print."""
    with TemporaryDirectory() as folder:
        broken, clean = Path(folder) / "broken.zip", Path(folder) / "clean.zip"
        shifted = apart(write_numbered, broken, row_count, _BROKEN_EVERY).result
        apart(write_numbered, clean, row_count, 0)
        scanned = min(apart(scan_seconds, clean).result for _ in range(2))
        runs = [apart(read_numbered, broken) for _ in range(2)]
    best = min(runs, key=lambda one: one.result.seconds)
    found = best.result
    if found.shifted != shifted or found.row_count != row_count:
        raise AssertionError("a broken row was not told with its line")
    rate = found.row_count / found.seconds
    lines = [
        f"rows            {found.row_count:,}",
        f"repaired        {found.repaired_count}",
        f"rejected        {len(found.shifted)}, each with its line",
        f"read in         {found.seconds:.1f} s, {rate:,.0f} rows a second",
        f"peak memory     {best.peak}",
        f"unzip and scan  {scanned:.1f} s, {found.seconds / scanned:.2f} times as fast",
    ]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
