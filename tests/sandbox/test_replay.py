"""Serving captured answers as they were."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Record, Wire, since

CAPTURES = Path(__file__).parents[3] / "shared" / "captures" / "v1.1.0-2016-11"
pytestmark = [
    pytest.mark.captures,
    pytest.mark.skipif(not CAPTURES.exists(), reason="no captured answers here"),
]


@pytest.fixture(scope="module")
def replayed() -> Iterator[Wire]:
    """Captured answers on pages of 200."""
    with (
        Sandbox(replay=CAPTURES, page_size=200, rules=Rules(quota=0)) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        yield Wire(sandbox, client)


def captured(side: str, name: str) -> list[Record]:
    """The records of one captured file."""
    file = CAPTURES / side / f"{name}.json.gz"
    records: list[Record] = orjson.loads(gzip.decompress(file.read_bytes()))
    return records


def test_feed_is_served_as_captured(replayed: Wire) -> None:
    """A walk gives back the very records, in their order, over several pages."""
    link = replayed.variants()["watches"]["get"]

    assert captured("feeds", "watches") == replayed.walk(link)
    assert len(list(replayed.pages(link))) == 3


def test_top_sellers_are_served_as_captured(replayed: Wire) -> None:
    """Best sellers come on one page; a category without a full feed has an empty one."""
    variants = replayed.variants()

    assert captured("topFeeds", "laptops") == replayed.walk(variants["laptops"]["top"])
    assert replayed.walk(variants["laptops"]["get"]) == []


def test_codes_are_those_of_the_directory(replayed: Wire) -> None:
    """Links carry the captured codes, and every category with a file is listed."""
    variants = replayed.variants()

    assert len(variants) == 38
    assert "/category/j9e-abm-52j.json" in variants["air_coolers"]["get"]


def test_nothing_changes(replayed: Wire) -> None:
    """A day leaves the version as it is, and a delta since it is empty."""
    before = replayed.sandbox.versions()

    assert before == replayed.sandbox.next_day(2)
    link = replayed.variants()["watches"]["deltaGet"]
    assert replayed.walk(since(link, before["watches"])) == []
