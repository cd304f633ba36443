"""Many different pages, decoded by us and by the least that can be done, in a process of its own.

    python -m tests.bench.pages FOLDER EXTENSION COLLECTOR [MODULE]

Prints as JSON the processor seconds of each pass over all pages, ours and theirs. COLLECTOR is
`on`, `off`, or `seldom` as during a refresh: Python's garbage collector walks everything that a
process holds, so the flood of objects that `orjson.loads` makes costs the more, the more was
imported. MODULE is imported first.
"""

from __future__ import annotations

import gc
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import orjson
from lxml import etree

from feeds.dialect import DIALECTS
from feeds.sandbox.synthetic import synthetic
from flows.collector import rare_collection
from tests.bench.measuring import in_turn
from tests.feeds.xml_spelling import captured_page
from tests.feeds.xml_spelling import record as xml_record

PAGE = 500
_ROUNDS = 7
_NEXT = "https://h/affiliate/1.0/feeds/me/category/x/55ab.xml?expiresAt=1&sig=2"
_LEAST: dict[str, Callable[[bytes], object]] = {"json": orjson.loads, "xml": etree.fromstring}


def write_pages(folder: Path, pages: int) -> None:
    """Write so many full pages in both formats, XML in the layout of captured answers."""
    (category,) = synthetic(PAGE * (pages + 1), 1, books=0).categories.values()
    records = [one for slot in range(len(category)) if (one := category.record(slot))]
    for page in range(pages):
        part = records[page * PAGE : (page + 1) * PAGE]
        (folder / f"{page}.json").write_bytes(orjson.dumps({"products": part}))
        (folder / f"{page}.xml").write_bytes(captured_page(map(xml_record, part), nextUrl=_NEXT))


def walked(folder: Path, extension: str, collector: str, *modules: str) -> list[list[float]]:
    """Return the processor seconds of a page, a figure for each pass: ours, and theirs."""
    itself = [sys.executable, "-m", "tests.bench.pages"]
    command = [*itself, str(folder), extension, collector, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: list[list[float]] = json.loads(done.stdout)
    return answer


def main(folder: str, extension: str, collector: str, *modules: str) -> None:
    """Walk the pages, whole passes in turn, and print."""
    for module in modules:
        importlib.import_module(module)
    if collector == "off":
        gc.disable()
    pages = [file.read_bytes() for file in sorted(Path(folder).glob(f"*.{extension}"))]
    ours, theirs = DIALECTS["v1.1.0", extension].decode_page, _LEAST[extension]
    with rare_collection() if collector == "seldom" else nullcontext():
        _, *passes = zip(
            *in_turn(
                _ROUNDS + 1,
                lambda: _walk(pages, ours),
                lambda: _walk(pages, theirs),
                processor=True,
            ),
            strict=True,
        )  # the first pass warms up
    seconds = [[one / len(pages) for one in side] for side in zip(*passes, strict=True)]
    sys.stdout.write(json.dumps(seconds))


def _walk(pages: Sequence[bytes], decode: Callable[[bytes], object]) -> None:
    for page in pages:
        decode(page)


if __name__ == "__main__":
    main(*sys.argv[1:])
