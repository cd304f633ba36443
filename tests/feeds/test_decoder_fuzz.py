"""Decoders and links against pages that were bitten into: they refuse, and never fall over.

FEEDLAKE_FUZZ_EXAMPLES sets how many examples each test tries.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.books import decode_books_directory, decode_xml_books_directory
from feeds.dialect import DIALECTS
from feeds.directory import decode_directory
from feeds.errors import FeedError
from feeds.page import Page, decode_page, decode_version
from feeds.signed_url import SignedUrl, redact
from tests.feeds.dumps import COLUMNS, fields, packed, read
from tests.feeds.dumps import line as dump_line
from tests.feeds.xml_spelling import page as xml_page
from tests.feeds.xml_spelling import record as xml_record

EXAMPLES = int(os.environ.get("FEEDLAKE_FUZZ_EXAMPLES", "150"))
LONG = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=20),
    suppress_health_check=list(HealthCheck),
)

LINK = (
    "https://affiliate-api.flipkart.net/affiliate/1.0/feeds/me/category/a.json?expiresAt=1&sig=ab"
)
PRICE = {"amount": 33400.0, "currency": "INR"}
RECORD: dict[str, Any] = {
    "productBaseInfoV1": {
        "productId": "ABCD",
        "title": "A \u0915 \\ud800 \ud83d\ude00",
        "imageUrls": {"unknown": "http://h/1.jpg"},
        "productFamily": ["[A", " B", " C]"],
        "maximumRetailPrice": PRICE,
        "flipkartSellingPrice": None,
        "discountPercentage": 12.5,
        "offers": [{"title": "x"}],
        "categoryPath": '[[{"node_id":1,"node_name":"Books"}]]',
        "attributes": {"size": "M"},
        "inStock": True,
    },
    "productShippingInfoV1": {"shippingCharges": PRICE, "sellerAverageRating": 3.5569892},
    "categorySpecificInfoV1": {
        "keySpecs": ["a"],
        "specificationList": [{"key": "g", "values": [{"key": "n", "value": ["v"]}]}],
        "booksInfo": {"year": 0, "authors": ["x"]},
        "lifeStyleInfo": {"sleeve": "s"},
    },
}
PAGE = {
    "nextUrl": LINK,
    "validTill": 1478000000000,
    "lastProductId": "ABCD",
    "version": "1.36625296E8",
    "products": [RECORD, RECORD],
}
VARIANTS = {"availableVariants": {"v1.1.0": {"get": LINK, "deltaGet": LINK, "top": LINK}}}
DIRECTORY = {"apiGroups": {"affiliate": {"apiListings": {"shoes": VARIANTS}}}}
BOOKS = {"booksCategory": {"name": "b", "url": LINK, "subCategories": [{"name": "c", "url": LINK}]}}

XML_PAGE = xml_page([xml_record(RECORD), xml_record(RECORD)], nextUrl=LINK, lastProductId="ABCD")
CSV = "\n".join(
    [",".join(COLUMNS), *(dump_line(fields(number)) for number in range(4)), ""]
).encode()
with tempfile.TemporaryDirectory() as _folder:
    ZIP = packed(Path(_folder) / "whole.zip", CSV).read_bytes()
BITES = [b'"', b",", b"\n", b"\0", b"<", b"</products>", b"&lol;", b"<!DOCTYPE a>", b"\xff", b'""']

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**63, max_value=2**1100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(["\0", "1e999", "-1", "\ud800", "[[", "9" * 5000, "http://[", LINK, {}, []]),
    st.lists(st.none() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.none() | st.integers(), max_size=2),
)


@st.composite
def bitten(draw: st.DrawFn, sample: Any) -> bytes:
    """Return a sample as JSON with values replaced, then with bytes replaced."""
    replaced = json.loads(json.dumps(sample))
    for _ in range(draw(st.integers(0, 3))):
        at = replaced
        while isinstance(at, dict | list) and at:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = draw(st.sampled_from(keys))
            if not isinstance(at[key], dict | list) or not at[key] or draw(st.booleans()):
                at[key] = draw(ODD)
                break
            at = at[key]
    body = bytearray(
        json.dumps(replaced, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    )
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 20))] = draw(st.binary(max_size=6))
    return bytes(body)


def only_refuses(decode: Callable[[bytes], object], body: bytes) -> None:
    """Let a decoder say that it cannot; anything else it raises is a bug."""
    with suppress(FeedError):
        decode(body)


@LONG
@given(bitten(PAGE))
def test_pages(body: bytes) -> None:
    """A page decodes, its bad records set aside, or is refused."""
    with suppress(FeedError):
        page: Page = decode_page(body)
        assert page.record_count == page.frame.height + len(page.rejected)
        assert not page.frame["product_id"].is_null().any()
    only_refuses(decode_version, body)


@st.composite
def nibbled(draw: st.DrawFn, sample: bytes) -> bytes:
    """Return a sample with some of its bytes replaced, left out or doubled."""
    body = bytearray(sample)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = start + draw(st.integers(0, 40))
        body[start:end] = draw(
            st.binary(max_size=6) | st.sampled_from(BITES) | st.just(bytes(body[start:end]) * 2)
        )
    return bytes(body)


@LONG
@given(nibbled(XML_PAGE), st.sampled_from(["v1.1.0", "v0.1.0"]))
def test_xml_pages(body: bytes, api_version: str) -> None:
    """As in JSON: broken markup, entities and stray bytes included."""
    dialect = DIALECTS[api_version, "xml"]
    with suppress(FeedError):
        page = dialect.decode_page(body)
        assert page.record_count == page.frame.height + len(page.rejected)
        assert not page.frame["product_id"].is_null().any()
    only_refuses(dialect.decode_version, body)
    only_refuses(dialect.decode_directory, body)
    only_refuses(decode_xml_books_directory, body)


@LONG
@given(nibbled(CSV))
def test_dumps(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    """Every row fits or is rejected with its line, or the whole dump is refused."""
    file = packed(tmp_path_factory.getbasetemp() / "fuzz.zip", body)
    with suppress(FeedError):
        found = read(file)
        assert found.row_count == found.frame.height + len(found.rejected)
        assert not found.frame["product_id"].is_null().any()
        assert all(one.line for one in found.rejected)


@LONG
@given(st.binary(max_size=60).flatmap(lambda end: st.just(ZIP[: -len(end) or None] + end)))
def test_zips(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    """An archive whose end is damaged is refused, or read."""
    file = tmp_path_factory.getbasetemp() / "fuzz-broken.zip"
    file.write_bytes(body)
    with suppress(FeedError):
        read(file)


@LONG
@given(bitten(DIRECTORY))
def test_directories(body: bytes) -> None:
    """So does a directory."""
    only_refuses(decode_directory, body)


@LONG
@given(bitten(BOOKS))
def test_books_directories(body: bytes) -> None:
    """And the tree of books."""
    only_refuses(decode_books_directory, body)


@LONG
@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_anything(body: bytes) -> None:
    """What is nothing of the kind is refused as well."""
    for decode in (decode_page, decode_version, decode_directory, decode_books_directory):
        only_refuses(decode, body)


@LONG
@given(
    st.text() | st.text(max_size=20).map(lambda end: LINK[:40] + end) | st.text().map(LINK.__add__)
)
def test_links(text: str) -> None:
    """A link parses and stays home, or is no link; no spelling of it shows its signature."""
    with suppress(ValueError):
        url = SignedUrl.parse(text)
        assert SignedUrl.parse(str(url)).origin == url.origin
        assert "sig=ab" not in repr(url)
        assert (url.expires_at, url.cursor, url.like(url), url.from_version(1)) is not None
    assert "sig=ab" not in redact(text)
