"""Decoders beside the least that can be done with the same bytes."""

from __future__ import annotations

from pathlib import Path

import orjson
from lxml import etree

from feeds.dialect import DIALECTS
from feeds.sandbox.synthetic import synthetic
from tests.bench.dump_million import read_numbered, scan_seconds, write_numbered
from tests.bench.figure import Figure
from tests.bench.measuring import Spread, apart, in_turn
from tests.feeds.xml_spelling import page as xml_page
from tests.feeds.xml_spelling import record as xml_record

_PAGE = 500
_ROUNDS = 15
_DUMP_ROUNDS = 3


def decoding(folder: Path, scale: float) -> list[Figure]:
    """Measure a JSON page, an XML page and a dump; `scale` 1 is a dump of 300,000 rows."""
    return [*_pages(), *_dump(folder, round(300_000 * scale))]


def _pages() -> list[Figure]:
    (category,) = synthetic(_PAGE * 2, 1, books=0).categories.values()
    records = [one for slot in range(len(category)) if (one := category.record(slot))][:_PAGE]
    json_body = orjson.dumps({"products": records})
    xml_body = xml_page([xml_record(dict(one)) for one in records])
    json, xml = DIALECTS["v1.1.0", "json"], DIALECTS["v1.1.0", "xml"]
    ours, theirs, xml_ours, xml_theirs = in_turn(
        _ROUNDS,
        lambda: json.decode_page(json_body),
        lambda: orjson.loads(json_body),
        lambda: xml.decode_page(xml_body),
        lambda: etree.fromstring(xml_body),
        processor=True,
    )
    each = Spread([_PAGE / one for one in ours]).median
    return [
        Figure(
            "JSON page to typed frame, times the speed of `orjson.loads`, one thread",
            f"{Spread.of_ratios(ours, theirs)}; {each:,.0f} products a second",
            "1.0",
        ),
        Figure(
            "XML page to typed frame, times the speed of lxml parsing alone",
            str(Spread.of_ratios(xml_ours, xml_theirs)),
            "0.4",
        ),
    ]


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
