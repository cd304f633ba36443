"""A page's envelope, and records that do not fit."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from feeds.dialect import DIALECTS
from feeds.errors import PageBrokenError
from feeds.page import decode_page, decode_version
from feeds.product.schema import FRAME_SCHEMA


def record(product_id: Any = "ABCD", **base: Any) -> dict[str, Any]:
    """Return a small good record."""
    price = {"amount": 100.0, "currency": "INR"}
    return {
        "productBaseInfoV1": {"productId": product_id, "maximumRetailPrice": price} | base,
        "productShippingInfoV1": {},
        "categorySpecificInfoV1": {},
    }


def page_of(*records: Any, key: str = "products", **envelope: Any) -> bytes:
    """Return the body of a page."""
    return json.dumps({"nextUrl": None, key: list(records)} | envelope).encode()


@pytest.mark.parametrize("key", ["products", "productInfoList"])
def test_the_list_has_two_names(key: str) -> None:
    """Both eras' envelopes give the same frame."""
    page = decode_page(page_of(record(), key=key))
    assert page.frame["product_id"].to_list() == ["ABCD"]
    assert page.frame.schema == FRAME_SCHEMA


@pytest.mark.parametrize("url", [None, "", " ", "null"])
def test_what_ends_a_walk(url: str | None) -> None:
    """A null, an empty and a printed null link lead nowhere."""
    assert decode_page(page_of(nextUrl=url)).next_url is None


def test_an_absent_link_ends_a_walk() -> None:
    """As does none at all."""
    assert decode_page(b'{"products": []}').next_url is None


GOOD = json.dumps([record("A"), record("B")])


@pytest.mark.parametrize(
    "body",
    [
        f'{{"nextUrl": "n", "products": {GOOD}, "of": ["another", "list"]}}',
        f'{{"nextUrl": "n", "products": {GOOD}, "of": [1], "last": "]"}}',
        f'{{"of": {{"products": [1]}}, "products": {GOOD}, "nextUrl": "n"}}',
        f'{{"of": {{"products": [1]}}, "products": {GOOD}, "to": {{"x": []}}, "nextUrl": "n"}}',
        f'{{"of\\"products":[1], "products": {GOOD}, "nextUrl": "n"}}',
        f'{{"of": "\\"products\\":[", "products" : {GOOD}, "nextUrl": "n"}}',
        f'{{"products": [], "products": {GOOD}, "nextUrl": "n"}}',
        f'{{"of": "{"-" * 10_000}", "nextUrl": "n", "products": {GOOD}}}',
    ],
)
def test_the_list_is_found_whatever_stands_around_it(body: str) -> None:
    """Other lists, texts that look like one and the same name elsewhere mislead nobody."""
    page = decode_page(body.encode())
    assert page.frame["product_id"].to_list() == ["A", "B"]
    assert (page.next_url, page.rejected) == ("n", [])
    assert page.content_hash == sha256(GOOD.encode()).hexdigest()[:32]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"nextUrl": "n", "products": {GOOD}, "productInfoList": []}}',
        f'{{"nextUrl": "n", "products": [ ], "productInfoList": {GOOD}}}',
        f'{{"nextUrl": "n", "products": null, "productInfoList": {GOOD}}}',
        f'{{"productInfoList": {GOOD}, "products": null, "nextUrl": "n"}}',
        f'{{"productInfoList": {GOOD}, "products": [], "nextUrl": "n"}}',
        f'{{"products": {GOOD}, "products": [], "nextUrl": "n"}}',
        f'{{"products": {GOOD}, "products": null, "nextUrl": "n"}}',
        f'{{"products": null, "products": {GOOD}, "nextUrl": "n", "nextUrl": "n"}}',
        f'{{"products": {GOOD}, "productInfoList": {GOOD}, "nextUrl": "n"}}',
        f'{{"products": {GOOD}, "productInfoList": {GOOD.replace(" ", "")}, "nextUrl": "n"}}',
    ],
)
def test_the_list_with_records_counts(body: str) -> None:
    """Of two lists one may be empty, or both the same; records are never taken for none."""
    page = decode_page(body.encode())
    assert page.frame["product_id"].to_list() == ["A", "B"]
    assert (page.next_url, page.rejected) == ("n", [])


@pytest.mark.parametrize("lists", ['"products": null, "productInfoList": []', '"products": [ ]'])
def test_empty_lists_are_an_empty_page(lists: str) -> None:
    """Under either name, or both."""
    page = decode_page(f'{{{lists}, "nextUrl": "n"}}'.encode())
    assert (page.record_count, page.next_url) == (0, "n")


@pytest.mark.parametrize(
    "body",
    [
        f'{{"products": {GOOD}, "productInfoList": [{json.dumps(record("A"))}]}}',
        f'{{"productInfoList": [{json.dumps(record("A"))}], "products": {GOOD}}}',
        f'{{"products": {GOOD}, "products": [{json.dumps(record("A"))}]}}',
        f'{{"products": {GOOD}, "productInfoList": {{}}}}',
        f'{{"nextUrl": "n", "nextUrl": null, "products": {GOOD}}}',
        f'{{"nextUrl": null, "products": {GOOD}, "nextUrl": "n"}}',
        f'{{"version": 1, "version": 2, "products": {GOOD}}}',
    ],
)
def test_a_page_that_contradicts_itself_is_broken(body: str) -> None:
    """Two lists that differ, or two links: neither is guessed at."""
    with pytest.raises(PageBrokenError, match="try again later"):
        decode_page(body.encode())
    if '"version"' in body:
        with pytest.raises(PageBrokenError, match="version"):
            decode_version(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>We are down for maintenance</body></html>",
        b'{"products": [',
        b'{"nextUrl": null}',
        b'{"error": "sorry"}',
        b"[]",
        b'"products"',
        b'{"products": {}}',
        b'{"products": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"products": [], "nextUrl": 5}',
        b'{"products": [] ]}',
        b'{"products": [{} {}]}',
        b'{"products": [], "of": ]}',
        b'{"products": null, "productInfoList": [}',
    ],
)
def test_what_is_no_page_is_broken(body: bytes) -> None:
    """A broken page is an error to retry, never an empty page that ends a walk."""
    with pytest.raises(PageBrokenError):
        decode_page(body)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(product_id=None), "no_product_id"),
        (record(product_id=""), "no_product_id"),
        ({"productBaseInfoV1": {"title": "x"}}, "no_product_id"),
        ({"productBaseInfoV1": None}, "no_product_id"),
        ({}, "no_product_id"),
        (None, "not_a_record"),
        ("text", "not_a_record"),
        (record(maximumRetailPrice={"amount": "1,299"}), "bad_price"),
        (record(flipkartSellingPrice={"amount": -1}), "bad_price"),
        (record(flipkartSellingPrice={"amount": 1e11}), "bad_price"),
        (record(flipkartSellingPrice="12"), "bad_price"),
        (record(flipkartSellingPrice={"amount": 1, "currency": "USD"}), "bad_price"),
        (record(inStock="yes"), "bad_value"),
        (record(imageUrls=["x"]), "bad_value"),
        (record() | {"categorySpecificInfoV1": {"specificationList": [1]}}, "bad_value"),
        (record() | {"categorySpecificInfoV1": {"specificationList": [{"a": 1}]}}, "bad_value"),
    ],
)
def test_a_bad_record_is_set_aside_and_the_rest_kept(bad: Any, reason: str) -> None:
    """One bad record costs no other; its reason, place and bytes are kept."""
    page = decode_page(page_of(record("A"), bad, record("B")))
    assert page.frame["product_id"].to_list() == ["A", "B"]
    assert page.frame["record_number"].to_list() == [0, 2]
    (rejected,) = page.rejected
    assert (reason, 1) == (rejected.reason, rejected.record_number)
    assert json.loads(rejected.raw) == bad
    assert page.record_count == 3


def test_bytes_that_are_not_utf8_become_readable() -> None:
    """The record is kept with the replacement character."""
    body = page_of(record("A", title="caf@")).replace(b"@", b"\xe9")
    page = decode_page(body)
    assert page.frame["title"].to_list() == ["caf\ufffd"]
    assert page.rejected == []


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\udc00b", "a\ufffdb"),
        (rb"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        (rb"\\ud800 \ud800", "\\ud800 \ufffd"),
    ],
)
def test_half_of_a_surrogate_pair_becomes_readable(wire: bytes, text: str) -> None:
    """Escapes that stand for no character are replaced; whole pairs and backslashes are not."""
    body = page_of(record("A", title="@"), record("B")).replace(b"@", wire)
    assert [text, None] == decode_page(body).frame["title"].to_list()


def test_long_raw_bytes_are_cut() -> None:
    """64 KiB of a rejected record are kept, and how long it was."""
    page = decode_page(page_of(record("A", title="x" * 100_000, inStock=3)))
    (rejected,) = page.rejected
    assert len(rejected.raw) == 65_536
    assert rejected.raw_byte_count > 100_000


def test_empty_and_null_are_the_same() -> None:
    """An empty text, list or map is null; blanks are kept."""
    row = decode_page(
        page_of(record("A", title="", productBrand=" ", offers=[], imageUrls={}, productFamily=[]))
    ).frame.to_dicts()[0]
    assert [row[name] for name in ("title", "brand", "offers", "image_urls", "product_family")] == [
        None,
        " ",
        None,
        None,
        None,
    ]


LEAST = {"productBaseInfoV1": {"productId": "B"}}
OLDER = {"productBaseInfo": {"productIdentifier": {"productId": "B"}}}
V1_BASE = (
    "imageUrls attributes offers productFamily maximumRetailPrice flipkartSellingPrice "
    "flipkartSpecialPrice discountPercentage inStock categoryPath productUrl"
)
V1_CATEGORY = "keySpecs detailedSpecs specificationList booksInfo lifeStyleInfo"
V0_ATTRIBUTES = "imageUrls maximumRetailPrice sellingPrice offers sizeVariants inStock"


def with_value(record: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """Return a copy of a record with a value at a place such as `booksInfo.authors`."""
    copy: dict[str, Any] = json.loads(json.dumps(record))
    at = copy
    *parents, name = place.split(".")
    for parent in parents:
        at = at.setdefault(parent, {})
    at[name] = value
    return copy


@pytest.mark.parametrize("value", [[], {}, ""])
@pytest.mark.parametrize(
    ("api", "least", "place"),
    [
        *(("v1.1.0", LEAST, f"productBaseInfoV1.{name}") for name in V1_BASE.split()),
        *(("v1.1.0", LEAST, f"categorySpecificInfoV1.{name}") for name in V1_CATEGORY.split()),
        ("v1.1.0", LEAST, "categorySpecificInfoV1.booksInfo.authors"),
        ("v1.1.0", LEAST, "categorySpecificInfoV1"),
        ("v1.1.0", LEAST, "productShippingInfoV1"),
        ("v1.1.0", LEAST, "productShippingInfoV1.shippingCharges"),
        ("v1.1.0", LEAST, "productShippingInfoV1.sellerAverageRating"),
        *(
            ("v0.1.0", OLDER, f"productBaseInfo.productAttributes.{name}")
            for name in V0_ATTRIBUTES.split()
        ),
        ("v0.1.0", OLDER, "productBaseInfo.productAttributes"),
        ("v0.1.0", OLDER, "productBaseInfo.productIdentifier.categoryPaths"),
    ],
)
def test_what_is_empty_says_nothing(
    api: str, least: dict[str, Any], place: str, value: Any
) -> None:
    """An empty list in the place of a map, and the like, is null; the neighbours are untouched."""
    odd = with_value(least, place, value)
    page = DIALECTS[api, "json"].decode_page(page_of(least, odd))
    assert page.rejected == []
    first, second = page.frame.drop("record_number").to_dicts()
    assert first == second


@pytest.mark.parametrize("value", [["x"], {"x": 1}, 5])
def test_what_is_not_empty_must_fit(value: Any) -> None:
    """It says something that nothing here reads."""
    text = '"attributes": []'
    good = record("A", attributes=[], title=text)
    page = decode_page(page_of(good, record("B", maximumRetailPrice=value)))
    assert page.frame["title"].to_list()[0] == text
    assert [one.reason for one in page.rejected] == ["bad_price"] * (value != {"x": 1})
    page = decode_page(page_of({**record("B"), "productBaseInfoV1": []}, {"productBaseInfoV1": ""}))
    assert [one.reason for one in page.rejected] == ["no_product_id"] * 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Lifestyle>Jewellery>Rings", "Lifestyle>Jewellery>Rings"),
        ('[[{"node_id":1,"node_name":"Books"},{"node_id":2,"node_name":"Crime"}]]', "Books>Crime"),
        ([[{"node_id": 1, "node_name": "Books"}]], "Books"),
        (None, None),
        ("[[]]", None),
    ],
)
def test_category_paths_in_every_spelling(path: Any, expected: str | None) -> None:
    """Plain text, the reference's nodes as text, and as a list."""
    assert [expected] == decode_page(page_of(record("A", categoryPath=path))).frame[
        "category_path"
    ].to_list()


def test_amounts_are_exact() -> None:
    """Floats on the wire become the decimal that they print."""
    amounts = [33400.0, 0.29, 1005.07, 9_999_999_999.99, 0]
    bodies = [record(str(n), flipkartSellingPrice={"amount": one}) for n, one in enumerate(amounts)]
    expected = [Decimal(str(one)).quantize(Decimal("0.01")) for one in amounts]
    assert expected == decode_page(page_of(*bodies)).frame["selling_price"].to_list()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://dl.flipkart.com/dl/x/p/y?pid=A&affid=me", "http://dl.flipkart.com/dl/x/p/y?pid=A"),
        ("http://h/p?affid=me&pid=A", "http://h/p?pid=A"),
        ("http://h/p?affid=me", "http://h/p"),
        ("http://h/p?affid=me#top", "http://h/p#top"),
        ("http://h/p?a=1&affid=me&b=2", "http://h/p?a=1&b=2"),
        ("http://h/p?notaffid=me", "http://h/p?notaffid=me"),
    ],
)
def test_product_links_lose_the_caller_id(url: str, expected: str) -> None:
    """Only that parameter goes; everything else stays to the byte."""
    assert [expected] == decode_page(page_of(record("A", productUrl=url))).frame[
        "product_url"
    ].to_list()


def test_both_2018_envelopes_decode(captures: Path) -> None:
    """The captured pages of 2018 give their records and their nextUrl."""
    for name in ("v110_feed_2018-03_ProductStucture.json", "v110_feed_2018-04_stub.json"):
        body = (captures / "v1.1.0-2018" / name).read_bytes()
        page = decode_page(body)
        plain = json.loads(body)
        assert page.rejected == []
        assert page.next_url == plain["nextUrl"]
        assert page.last_product_id == plain["lastProductId"]
        wanted = [one["productBaseInfoV1"]["productId"] for one in plain["products"]]
        assert wanted == page.frame["product_id"].to_list()


def test_the_content_hash_is_of_the_records_alone() -> None:
    """A fresh signature around the same records changes nothing."""
    one = decode_page(page_of(record("A"), nextUrl="https://h/x?sig=1"))
    two = decode_page(page_of(record("A"), nextUrl="https://h/x?sig=2"))
    other = decode_page(page_of(record("B"), nextUrl="https://h/x?sig=2"))
    assert one.content_hash == two.content_hash != other.content_hash
