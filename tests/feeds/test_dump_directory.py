"""The dump directory: which category has a dump, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feeds.dump.directory import decode_dump_directory, dump_directory_path
from feeds.errors import PageBrokenError


@pytest.mark.captures
@pytest.mark.parametrize(("api", "room"), [("v1.1.0", "/1.0/"), ("v0.1.0", "/")])
def test_captured_listing(captures: Path, api: str, room: str) -> None:
    """Each category of a captured listing has its code and a link of the right version."""
    body = (captures / "listings" / "download_feeds_listing_2017-01.json").read_bytes()
    expected = json.loads(body)["apiGroups"]["affiliate"]["apiListings"]
    found = decode_dump_directory(body, api)

    assert list(found) == list(expected)
    assert len({one.code for one in found.values()}) == len(expected)
    for name, one in found.items():
        assert str(one.url) == expected[name]["availableVariants"][api]["get"]
        assert one.url.path == f"/affiliate{room}feeds/rawfiles/{one.code}"
        assert one.url.expires_at is not None
    assert found["televisions"].code == "ckf-czl"


def test_path() -> None:
    """It stands beside the feeds' directory."""
    assert dump_directory_path("me") == "/affiliate/download/feeds/me.json"


def listing(**variants: Any) -> bytes:
    """Return a directory of one category with these versions."""
    api = {"availableVariants": variants, "apiName": "shoes"}
    return json.dumps({"apiGroups": {"affiliate": {"apiListings": {"shoes": api}}}}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        listing(),
        listing(**{"v1.1.0": {"get": None}}),
        listing(**{"v1.1.0": {"get": "rawfiles/abc"}}),
    ],
)
def test_what_is_no_directory(body: bytes) -> None:
    """An answer without a single usable link is asked for again."""
    with pytest.raises(PageBrokenError, match="try again later"):
        decode_dump_directory(body)
