"""The sandbox's dumps against its feeds: the same products, told twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import httpx
import polars as pl
import pytest

from feeds.dump.directory import decode_dump_directory, dump_directory_path
from feeds.dump.dump import Dump
from feeds.page import decode_page
from feeds.product.v0_csv import CARRIED_BY_V0_DUMP
from feeds.product.v1_csv import CARRIED_BY_V1_DUMP
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.feeds.dumps import Read, read
from tests.sandbox.wire import Wire

BROKEN_EVERY, STRAY_EVERY = 100, 150
CARRIED = {"v1.1.0": CARRIED_BY_V1_DUMP, "v0.1.0": CARRIED_BY_V0_DUMP}
CATEGORIES = pytest.mark.parametrize("category", ["mens_footwear", "womens_clothing"])


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Serve three categories whose dumps are broken at every hundredth row."""
    rules = Rules(quota=0, misquoted_every=BROKEN_EVERY, stray_byte_every=STRAY_EVERY)
    with (
        Sandbox(products=4000, categories=3, rules=rules) as sandbox,
        httpx.Client(
            base_url=sandbox.url,
            headers=sandbox.headers,
            trust_env=False,
            follow_redirects=True,
            timeout=60,
        ) as client,
    ):
        yield Wire(sandbox, client)


def dumped(wire: Wire, api: str, category: str, folder: Path) -> Read:
    """Read the dump of a category, in chunks of some hundred rows."""
    body = wire.get(dump_directory_path(wire.sandbox.affiliate_id)).content
    listing = decode_dump_directory(body, api)[category]
    file = folder / f"{listing.code}.zip"
    file.write_bytes(wire.get(str(listing.url)).content)
    return read(file)


def fed(wire: Wire, category: str) -> pl.DataFrame:
    """Read the v1.1.0 feed of a category; the dump has the same records in the same order."""
    pages = wire.pages(wire.variants()[category]["get"])
    frames = [decode_page(httpx.Response(200, json=page).content).frame for page in pages]
    return pl.concat([frame for frame in frames if frame.height])


def same(name: str, feed: pl.DataFrame, dump: pl.DataFrame) -> pl.Series:
    """Whether each row says the same in one column, or cannot for a reason that is known."""
    said = feed[name]
    if name == "product_family":  # the sandbox leaves a bracket where it takes an id out
        said = said.list.eval(pl.element().str.strip_chars("[] "))
    equal = said.eq_missing(dump[name])
    number = feed["number"]
    if name == "description":
        return equal | (number % BROKEN_EVERY == 0)
    if name == "title":
        return equal | (number % STRAY_EVERY == 0)
    if name == "image_urls":  # the sandbox puts its keys in an order of its own
        said, told = said.list.sort(), dump[name].list.sort()
        return said.eq_missing(told)
    if name in {"offers", "key_specs", "detailed_specs"}:  # a member that holds the separator
        return equal | said.list.eval(pl.element().str.contains(";")).list.any()
    return equal


@CATEGORIES
def test_every_row_says_what_the_feed_says(wire: Wire, tmp_path: Path, category: str) -> None:
    """Column by column, each row of the dump equals its record of the feed."""
    found = dumped(wire, "v1.1.0", category, tmp_path)
    rejected = [reject.record_number for reject in found.rejected]
    feed = fed(wire, category).with_row_index("number", 1)
    feed = feed.filter(~(pl.col("number") - 1).is_in(rejected))
    for name in set(CARRIED_BY_V1_DUMP) - {"is_available"}:
        fits = same(name, feed, found.frame)
        assert fits.all(), (name, feed[name].filter(~fits)[0], found.frame[name].filter(~fits)[0])
        assert fits.sum() > 0


@CATEGORIES
@pytest.mark.parametrize("api", ["v1.1.0", "v0.1.0"])
def test_every_broken_row_is_repaired_or_rejected(
    wire: Wire, tmp_path: Path, api: str, category: str
) -> None:
    """Rows that came apart are whole again; rows that lost a field are rejected with their line."""
    found = dumped(wire, api, category, tmp_path)
    whole = found.frame.filter(pl.col("description").str.starts_with('The so-called "smart, l'))
    broken = range(BROKEN_EVERY - 1, found.row_count, BROKEN_EVERY)
    shifted = [number for number in broken if (number + 1) // BROKEN_EVERY % 3 == 0]
    lines = content(tmp_path).split(b"\n")

    assert whole["record_number"].to_list() == sorted({*broken} - {*shifted})
    assert found.repaired_count == whole.height
    assert whole["description"].str.ends_with('with all its screws"').all()
    assert [reject.record_number for reject in found.rejected] == shifted
    for reject in found.rejected:
        assert reject.line is not None
        assert lines[reject.line - 1] == reject.raw[: len(lines[reject.line - 1])]
        assert reject.raw.startswith((reject.product_id or "").encode())


def content(folder: Path) -> bytes:
    """Return the CSV of the one dump in a folder."""
    with ZipFile(next(folder.glob("*.zip"))) as archive:
        return archive.read(archive.namelist()[0])


def test_stray_bytes_are_marked_and_counted(wire: Wire, tmp_path: Path) -> None:
    """A byte that is not UTF-8 becomes U+FFFD in its row, and no other."""
    found = dumped(wire, "v1.1.0", "mens_footwear", tmp_path)
    marked = found.frame.filter(pl.col("title").str.ends_with("\ufffds"))
    rejected = {reject.record_number for reject in found.rejected}

    assert sum(chunk.stray_byte_count for chunk in found.chunks) == found.row_count // STRAY_EVERY
    assert marked["record_number"].to_list() == [
        number
        for number in range(STRAY_EVERY - 1, found.row_count, STRAY_EVERY)
        if number not in rejected
    ]


def test_older_dump(wire: Wire, tmp_path: Path) -> None:
    """A v0.1.0 dump has one price, instalments, variants and a style code."""
    newer = dumped(wire, "v1.1.0", "mens_footwear", tmp_path).frame
    older = dumped(wire, "v0.1.0", "mens_footwear", tmp_path).frame
    empty = {name for name in older.columns if older[name].null_count() == older.height}

    assert newer["product_id"].to_list() == older["product_id"].to_list()
    assert newer["selling_price"].to_list() == older["selling_price"].to_list()
    assert newer["product_family"].to_list() == older["size_variants"].to_list()
    assert set(older.columns) - empty - {"record_number"} == set(CARRIED_BY_V0_DUMP) - {
        "is_available",
        "cash_back",
    }


@pytest.mark.parametrize("api", ["v1.1.0", "v0.1.0"])
def test_dump_says_what_it_is(wire: Wire, tmp_path: Path, api: str) -> None:
    """Code, version, date and columns are known before the first row."""
    dumped(wire, api, "mens_footwear", tmp_path)
    with Dump(tmp_path / "fwm-t3k.zip") as dump:
        assert (dump.code, dump.api_version) == ("fwm-t3k", api)
        assert dump.dated_at == datetime(2024, 3, 1, tzinfo=UTC)
        assert set(CARRIED[api]) - set(dump.carried) == {"is_available"}
        assert dump.byte_count == len(content(tmp_path))
        header = content(tmp_path).index(b"\n") + 1
        assert sum(chunk.byte_count for chunk in dump.chunks()) == dump.byte_count - header
