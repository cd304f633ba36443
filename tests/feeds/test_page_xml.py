"""A page in XML: its envelope, and how far a broken one can be read."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from feeds.dialect import DIALECTS
from feeds.errors import PageBrokenError
from feeds.page import Page
from feeds.product.schema import CARRIED_BY_V1_XML
from tests.feeds.test_xml_records import older, small
from tests.feeds.xml_spelling import captured_page, element, page, record

Layout = Callable[[list[bytes], str], bytes]

V1 = DIALECTS["v1.1.0", "xml"]
V0 = DIALECTS["v0.1.0", "xml"]
NEXT = "https://h/affiliate/1.0/feeds/me/category/x/55ab.xml?expiresAt=1&sig=2"


def decoded(body: bytes) -> Page:
    """Return the page of a v1.1.0 answer."""
    return V1.decode_page(body)


def of(product_id: str, **base: Any) -> bytes:
    """Return the element of a small record."""
    return record(small(productId=product_id, **base))


A, B = of("A", title="first", productBrand="brand"), of("B", title="second")


def titles(found: Page) -> list[tuple[str, str | None]]:
    """Return id and title of a page's records."""
    return found.frame.select("product_id", "title").rows()


def test_an_envelope_is_read() -> None:
    """Links, times and ids are taken from the page's own elements."""
    found = decoded(page([A, B], nextUrl=NEXT, lastProductId="B"))
    assert found.next_url == NEXT
    assert found.last_product_id == "B"
    assert found.valid_till == datetime(2016, 11, 4, 16, 4, 27, 864_000, UTC)
    assert (found.version, found.repair_count, found.rejected) == (None, 0, [])
    assert titles(found) == [("A", "first"), ("B", "second")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2016-11-04T21:34:27.864+05:30", datetime(2016, 11, 4, 16, 4, 27, 864_000, UTC)),
        ("2016-11-04T16:04:27Z", datetime(2016, 11, 4, 16, 4, 27, 0, UTC)),
        ("1478275467864", datetime(2016, 11, 4, 16, 4, 27, 864_000, UTC)),
        ("2016-11-04T16:04:27", None),
        ("tomorrow", None),
        ("9" * 30, None),
        ("", None),
    ],
)
def test_both_spellings_of_valid_till(said: str, expected: datetime | None) -> None:
    """Epoch milliseconds and ISO 8601 are read in both formats; what is neither is nothing."""
    in_json = DIALECTS["v1.1.0", "json"].decode_page(
        json.dumps({"validTill": said, "products": []}).encode()
    )
    assert decoded(page(validTill=said)).valid_till == in_json.valid_till == expected


@pytest.mark.parametrize("url", [None, "", " ", "null"])
def test_what_ends_a_walk(url: str | None) -> None:
    """An absent, an empty and a printed null link lead nowhere."""
    assert decoded(page([A], nextUrl=url)).next_url is None


@pytest.mark.parametrize("root", ["ProductFeedV1", "ProductFeed", "DeltaFeed"])
def test_every_root_of_a_page(root: str) -> None:
    """The three roots of the reference are pages."""
    assert decoded(page([A], root=root)).record_count == 1


@pytest.mark.parametrize(
    ("said", "version"), [("1376", 1376), ("727.0", 727), ("1.36625296E8", 136_625_296)]
)
def test_a_delta_names_its_version(said: str, version: int) -> None:
    """In every spelling, on a page and when asked for alone."""
    body = page([A], root="DeltaFeed", version=said)
    assert decoded(body).version == V1.decode_version(body) == version


def test_a_delta_without_a_version_is_broken() -> None:
    """Asked for a version, an answer without one is to be asked again."""
    with pytest.raises(PageBrokenError):
        V1.decode_version(page([A], root="DeltaFeed"))


def test_records_are_called_products_since_2018(captures: Path) -> None:
    """The captured pages of 2018 say the same in XML."""
    for name in ("v110_feed_2018-03_ProductStucture.json", "v110_feed_2018-04_stub.json"):
        body = (captures / "v1.1.0-2018" / name).read_bytes()
        plain = json.loads(body)
        expected = DIALECTS["v1.1.0", "json"].decode_page(body)
        found = decoded(
            page(
                [record(one, "products") for one in plain["products"]],
                nextUrl=plain["nextUrl"],
                validTill=str(plain["validTill"]),
                lastProductId=plain["lastProductId"],
            )
        )
        assert found.valid_till == expected.valid_till
        assert found.next_url == expected.next_url
        assert_frame_equal(
            expected.frame.select(CARRIED_BY_V1_XML), found.frame.select(CARRIED_BY_V1_XML)
        )


def test_the_captured_empty_page_of_2015(captures: Path) -> None:
    """An empty list with a nextUrl is a page that goes on, in both formats."""
    body = (captures / "v0.1.0" / "v010_feed_2015-02_empty_page_xaneem_issue4.json").read_bytes()
    plain = json.loads(body)
    in_json = DIALECTS["v0.1.0", "json"].decode_page(body)
    in_xml = V0.decode_page(page(root="ProductFeed", nextUrl=plain["nextUrl"], lastProductId=""))
    assert in_json.next_url == in_xml.next_url == plain["nextUrl"]
    assert in_json.record_count == in_xml.record_count == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<html><body>We are down for maintenance</body></html>",
        b"<!doctype html><html><body><br>We are down</body></html>",
        b'{"products": []}',
        b"<ProductFeedV1/>",
        b"<ProductFeedV1><error>sorry</error></ProductFeedV1>",
        b"<ApiDirectory><validTill>1</validTill></ApiDirectory>",
        b"<ProductFeedV1><validTill>1</validTill></ProductFeedV1><ProductFeedV1/>",
        b"<ProductFeedV1><validTill>1</validTill></ProductFeedV1> and more",
        b"<ProductFeedV1><nextUrl>a</nextUrl><nextUrl>b</nextUrl></ProductFeedV1>",
        b"<ProductFeedV1><nextUrl>https://h/x</validTill></ProductFeedV1>",
        b"<ProductFeedV1>" * 100_000,
        b'<?xml version="1.0" encoding="no-such"?><ProductFeedV1/>',
    ],
)
def test_what_is_no_page_is_broken(body: bytes) -> None:
    """A broken page is an error to retry, never an empty page that ends a walk."""
    with pytest.raises(PageBrokenError):
        decoded(body)


def test_a_page_cut_off_anywhere_is_broken() -> None:
    """No part of a page is ever taken for a short last page."""
    last = b"<productInfoList>" + older_element() + b"</productInfoList>"
    for body in (
        page([A, B, last], lastProductId="B"),
        page([A, of("C", title="x & y")]).replace(b"&amp;", b"&"),
        page([A.replace(b"</title>", b"</titel>"), B], nextUrl=NEXT),
        captured_page([A.replace(b"</title>", b"</titel>"), B], nextUrl=NEXT),
    ):
        assert decoded(body).record_count > 1
        for end in range(len(body) - 1):
            with pytest.raises(PageBrokenError):
                decoded(body[:end])


def older_element() -> bytes:
    """Return what stands inside a v0.1.0 record's element."""
    return record(older())[len("<productInfoList>") : -len("</productInfoList>")]


@pytest.mark.parametrize(
    ("wrong", "right", "count"),
    [
        (b"<title>a & b</title>", "a & b", 1),
        (b"<title>a &nbsp; b &amp; c</title>", "a &nbsp; b & c", 1),
        (b"<title>a < b <c</title>", "a < b <c", 2),
        (b"<title>caf\xe9</title>", "caf\ufffd", 1),
        (b"<title>a\x0b\x02b&#2;&#xFFFF;</title>", "ab", 4),
        (b"<title>a]]>b</title>", "a]]>b", 1),
        (b"<title>a <!-- b</title>", "a <!-- b", 1),
        (b"<title>a <![CDATA[& b]]> & c</title>", "a & b & c", 1),
    ],
)
def test_what_is_wrong_in_a_record_is_mended_and_counted(
    wrong: bytes, right: str, count: int
) -> None:
    """The record is read with all its other fields, and the rest of the page too."""
    found = decoded(page([A.replace(b"<title>first</title>", wrong), B], nextUrl=NEXT))
    assert titles(found) == [("A", right), ("B", "second")]
    assert found.frame["brand"].to_list() == ["brand", None]
    assert (found.repair_count, found.rejected, found.next_url) == (count, [], NEXT)


@pytest.mark.parametrize("sign", [b"&", b"<", b"<!--", b"]]>"])
def test_no_id_is_mended(sign: bytes) -> None:
    """It would be the id of a product that there is not."""
    found = decoded(page([A.replace(b"<productId>", b"<productId>" + sign), B]))
    assert titles(found) == [("B", "second")]
    assert [one.reason for one in found.rejected] == ["no_product_id"]


def numbered(number: int, name: str) -> bytes:
    """Return the element of a record whose every value has a number of its own."""
    price = {"amount": 100.0 + number, "currency": "INR"}
    base = {
        "productId": f"P{number}",
        "title": f"title {number}",
        "productBrand": f"brand {number}",
        "maximumRetailPrice": price,
        "imageUrls": {"200x200": f"http://h/{number}"},
        "offers": [f"offer {number}", f"other {number}"],
    }
    parts = {
        "productBaseInfoV1": base,
        "productShippingInfoV1": {"sellerName": f"seller {number}"},
        "categorySpecificInfoV1": {"keySpecs": [f"spec {number}"]},
    }
    return record(parts, name)


def in_page(records: list[bytes], _: str = "") -> bytes:
    """Return a page that says about itself before its records what it says."""
    return page(records, nextUrl=NEXT)


def in_page_that_ends_so(records: list[bytes], _: str = "") -> bytes:
    """Return a page whose link stands behind the records."""
    link = element("nextUrl", NEXT).encode()
    return page(records).replace(b"</ProductFeedV1>", link + b"</ProductFeedV1>")


def in_wrapper(records: list[bytes], _: str = "") -> bytes:
    """Return a page as captured answers are."""
    return captured_page(records, nextUrl=NEXT, version="12")


def in_wrapper_of_the_same_name(records: list[bytes], name: str) -> bytes:
    """Return a page whose wrapper is called like its records."""
    return page([f"<{name}>".encode(), *records, f"</{name}>".encode()], nextUrl=NEXT)


def printed(records: list[bytes], _: str = "") -> bytes:
    """Return a page with each of its elements on a line of its own."""
    return in_wrapper(records).replace(b"><", b">\r\n <")


LAYOUTS: list[Layout] = [
    in_page,
    in_page_that_ends_so,
    in_wrapper,
    in_wrapper_of_the_same_name,
    printed,
]
NAMES = ["productInfoList", "products"]
TAGS = re.compile(rb"</?[\w.-]+>")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("tag", ["title", "maximumRetailPrice", "productBaseInfoV1", "record"])
@pytest.mark.parametrize("instead", ["", "</titel>", "</products>"])
def test_an_end_tag_that_does_not_match_costs_its_record(
    layout: Layout, name: str, at: int, tag: str, instead: str
) -> None:
    """Missing or misspelt, in any layout: that record is set aside, and the page is read."""
    records = [numbered(number, name) for number in range(4)]
    end = f"</{name if tag == 'record' else tag}>".encode()
    is_wrapped_alike = name == "products" or layout is in_wrapper_of_the_same_name
    if end == instead.encode() or (is_wrapped_alike and (tag, at) == ("record", 3)):
        return  # the wrapper's end is as good an end of the last record as its own
    records[at] = records[at].replace(end, instead.encode())
    found = decoded(layout(records, name))
    assert found.next_url == NEXT
    assert found.frame["product_id"].to_list() == [f"P{n}" for n in range(4) if n != at]
    assert {one.reason for one in found.rejected} == {"not_a_record"}
    assert found.damaged_count == len(found.rejected)
    assert found.rejected[0].record_number == at
    assert {one.product_id for one in found.rejected} - {None} == {f"P{at}"}


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_tag_changes_no_other_record(data: st.DataObject) -> None:
    """One tag is lost, misspelt, doubled or cut: its record is itself or set aside."""
    name = data.draw(st.sampled_from(NAMES))
    records = [numbered(number, name) for number in range(4)]
    expected = {row["product_id"]: row for row in rows_of(decoded(page(records)))}
    at = data.draw(st.integers(0, 3))
    tag = data.draw(st.sampled_from(list(TAGS.finditer(records[at]))))
    instead = data.draw(
        st.sampled_from([b"", tag[0] * 2, tag[0][:-1] + b"x>", tag[0][:-2] + b">", tag[0][:-1]])
    )
    records[at] = records[at][: tag.start()] + instead + records[at][tag.end() :]
    layout = LAYOUTS[data.draw(st.integers(0, len(LAYOUTS) - 1))]
    found = decoded(layout(records, name))
    rows = {row["product_id"]: row for row in rows_of(found)}
    assert found.next_url == NEXT
    assert {key: expected[key] for key in rows} == rows
    assert set(expected) - set(rows) <= {f"P{at}"}
    assert found.rejected or len(rows) == 4


def rows_of(found: Page) -> list[dict[str, Any]]:
    """Return the records of a page wherever they stand in it."""
    return found.frame.drop("record_number").to_dicts()


@pytest.mark.parametrize(
    ("lost", "taken"),
    [
        # The end of one record and the beginning of the next: two products in one element.
        (b"</productInfoList><productInfoList>", ["P2"]),
        (b"</productShippingInfoV1></productInfoList><productInfoList>", ["P2"]),
        (b"<productInfoList><categorySpecificInfoV1>", ["P0", "P2"]),
    ],
)
def test_two_records_that_became_one_are_both_set_aside(lost: bytes, taken: list[str]) -> None:
    """No value of one product is ever another's."""
    body = in_wrapper([numbered(number, "productInfoList") for number in range(3)])
    at = body.index(lost, body.index(b"P0"))
    found = decoded(body[:at] + body[at + len(lost) :])
    assert found.frame["product_id"].to_list() == taken
    assert {one.reason for one in found.rejected} == {"not_a_record"}


def test_a_join_that_is_well_formed_is_no_record() -> None:
    """Where all between two ids is lost, the element says two things of each field."""
    first, second = (numbered(number, "productInfoList") for number in range(2))
    joined = first[: first.index(b"<title>")] + second[second.index(b"<imageUrls>") :]
    found = decoded(page([joined, of("B", title="second")]))
    assert titles(found) == [("B", "second")]
    assert found.rejected[0].detail == "two different texts of amount in one record"


def test_fields_called_like_a_record_or_like_the_page() -> None:
    """What holds a product is a record; an element of the name without one is a field."""
    for name in ("products", "productInfoList"):
        fields = f"<{name}>x</{name}><version>7</version>".encode()
        first = A.replace(b"</productInfoList>", fields + b"</productInfoList>")
        for records in ([first, B], [first, B.replace(b"</title>", b"</titel>")]):
            found = decoded(page(records, nextUrl=NEXT))
            assert (titles(found)[0], found.version) == (("A", "first"), None)
            assert found.record_count == 2


def test_a_wrapper_that_does_not_end() -> None:
    """Nothing of the page depends on it."""
    body = in_wrapper([A, B]).replace(b"</products>", b"")
    found = decoded(body)
    assert (titles(found), found.rejected) == ([("A", "first"), ("B", "second")], [])
    assert (found.next_url, found.version) == (NEXT, 12)


def test_a_list_of_another_name_is_not_overlooked() -> None:
    """A page whose records are called otherwise is no empty page."""
    found = decoded(page([A.replace(b"productInfoList", b"product")], nextUrl=NEXT))
    assert found.record_count == 1


def test_both_names_of_the_list() -> None:
    """The list that has records counts; two that differ are no certain page."""
    one, other = ([of(key), of(key + "2")] for key in "AB")
    renamed = [raw.replace(b"productInfoList", b"products") for raw in one]
    for empty in (b"<products/>", b"<products></products>"):
        assert decoded(page([empty, *one])).record_count == 2
        assert decoded(page([*one, empty])).record_count == 2
    assert decoded(page([*renamed, b"<productInfoList/>"])).record_count == 2
    assert decoded(page([*one, *renamed])).record_count == 2
    with pytest.raises(PageBrokenError):
        decoded(page([*other, *renamed]))
    with pytest.raises(PageBrokenError):
        decoded(page([b"<products>", *one, b"</products>", *other]))


@pytest.mark.parametrize(
    "damaged",
    [
        page([A, B]).replace(b"</ProductFeedV1>", b"<nextUrl>u</nextUr></ProductFeedV1>"),
        page([A, B]).replace(b"<validTill>", b"<nextUr>u</nextUrl><validTill>"),
        page([A.replace(b"</productInfoList>", b"<nextUrl>u</nextUrl></productInfoList>"), B]),
        page([A.replace(b"</productInfoList>", b"<nextUrl>u</nextUrl>"), B]).replace(
            b"<productInfoList><productBaseInfoV1><productBrand>", b""
        ),
        page([A.replace(b"first", b"<!--"), B, A.replace(b"first", b"-->")]),
        page([A.replace(b"first", b"<!--"), B, A.replace(b"first", b"-->"), b"<x>"]),
    ],
)
def test_a_link_that_is_not_certain_breaks_the_page(damaged: bytes) -> None:
    """A walk never ends because a record holds the link, or a tag of it is wrong."""
    try:
        found = decoded(damaged)
    except PageBrokenError:
        return
    assert found.next_url == "u"


def test_a_bare_ampersand_in_the_links() -> None:
    """The reference's own samples write `&sig=` bare: the link is certain all the same."""
    found = decoded(page([A], nextUrl=NEXT).replace(b"&amp;", b"&"))
    assert (found.next_url, found.repair_count) == (NEXT, 1)


def test_a_root_that_ends_with_a_misspelt_tag() -> None:
    """`ProductFeed` for `ProductFeedV1` at the very end leaves nothing uncertain."""
    found = decoded(page([A], nextUrl=NEXT).replace(b"</ProductFeedV1>", b"</ProductFeed>"))
    assert (found.next_url, found.record_count, found.repair_count) == (NEXT, 1, 1)


@pytest.mark.parametrize("tag", [b"</productInfoList>", b"</productBaseInfoV1></productInfoList>"])
def test_a_record_without_an_end_does_not_swallow_the_link(tag: bytes) -> None:
    """The page's own elements behind it are the page's."""
    body = page([B, A.replace(tag, b"")]).replace(
        b"</ProductFeedV1>", b"<nextUrl>u</nextUrl></ProductFeedV1>"
    )
    found = decoded(body)
    assert (titles(found), found.next_url) == ([("B", "second")], "u")
    assert [one.product_id for one in found.rejected] == ["A"]


def test_like_the_reference_sample() -> None:
    """Of bare ampersands, a wrong tag and a v0.1.0 record in a v1.1.0 delta, the tag costs one."""
    first = of("A", title="This & that", productUrl="http://h/p?pid=A&affid=me")
    second = record(older(productUrl="http://h/p?pid=V&affid=me"))
    third = of("B", title="second", productBrand="x").replace(
        b"</productBrand>", b"</productBrands>"
    )
    body = page([first, second, third], root="DeltaFeed", nextUrl=NEXT, version="136625296")
    found = decoded(body.replace(b"&amp;", b"&"))
    assert titles(found) == [("A", "This & that"), ("V", "old")]
    assert found.frame["record_source"].to_list() == ["v1.1.0 xml", "v0.1.0 xml"]
    assert found.frame["product_url"].to_list() == ["http://h/p?pid=A", "http://h/p?pid=V"]
    assert [one.product_id for one in found.rejected] == ["B"]
    assert (found.next_url, found.version, found.repair_count) == (NEXT, 136_625_296, 4)


def test_what_cannot_be_mended_is_set_aside_as_it_came() -> None:
    """A record deeper than any parser goes costs no other; its own bytes are kept."""
    deep = A.replace(b"<title>", b"<x>" * 100_000 + b"<title>").replace(
        b"</title>", b"</title>" + b"</x>" * 100_000
    )
    found = decoded(page([deep, of("B", title="a\x02b")]))
    (rejected,) = found.rejected
    assert titles(found) == [("B", "ab")]
    assert (rejected.reason, rejected.product_id) == ("not_a_record", "A")
    assert rejected.raw == deep[:65_536]
    assert rejected.raw_byte_count == len(deep)


def test_raw_bytes_of_a_mended_record_are_those_that_came() -> None:
    """What is set aside of a page that had to be mended is not the mended text."""
    bad = of("C", inStock="?", title="x & y").replace(b"&amp;", b"&")
    (rejected,) = decoded(page([A, bad])).rejected
    assert (rejected.reason, rejected.raw, rejected.record_number) == ("bad_value", bad, 1)


@pytest.mark.parametrize(
    "flood",
    [b"<" * 500_000, b"&" * 500_000, b"<!--" * 100_000, b"<a></b>" * 50_000, b"<a>" * 100_000],
)
def test_floods_of_markup_take_no_time(flood: bytes) -> None:
    """Whatever is wrong, a page is mended or given up in time that grows with its length."""
    try:
        found = decoded(page([A.replace(b"first", flood), B]))
    except PageBrokenError:
        return
    assert "B" in found.frame["product_id"].to_list()


class _Asked(http.server.BaseHTTPRequestHandler):
    """Counts requests."""

    count = 0

    def do_GET(self) -> None:
        """Answer with a document type of one entity."""
        type(self).count += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'<!ENTITY leak "leaked">')

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def outside() -> Iterator[str]:
    """Run a server that no parser may ask."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Asked)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x.dtd"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp037"])
def test_document_types_are_refused(tmp_path: Path, outside: str, encoding: str) -> None:
    """No entity is expanded, no file read, no host asked, whatever the encoding."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doublings = "".join(f'<!ENTITY e{n + 1} "&e{n};&e{n};">' for n in range(60))
    for subset in (
        '[<!ENTITY e0 "x">]',
        f'[<!ENTITY e "x"><!ENTITY e0 "&e;">{doublings}]',
        f'[<!ENTITY e0 SYSTEM "file://{secret}">]',
        f'[<!ENTITY % p SYSTEM "{outside}">%p;]',
        f'SYSTEM "{outside}"',
        f'PUBLIC "-//x//y" "{outside}"',
    ):
        kind = f"<!DOCTYPE ProductFeedV1 {subset}>"
        body = page([of("A", title="&e0;&e60;&leak;")]).decode().partition("?>")[2]
        for text in (kind + body, f"<?xml version='1.0'?><!-- x -->{kind}{body}"):
            with pytest.raises(PageBrokenError) as raised:
                decoded(text.replace("&amp;", "&").encode(encoding))
            assert "secret" not in str(raised.value)
    assert _Asked.count == 0


def test_references_to_entities_that_nobody_declared_stay_text() -> None:
    """`&e;` of a page that was sent without its document type is not looked for."""
    found = decoded(page([of("A", title="&e;")]).replace(b"&amp;e;", b"&e;"))
    assert titles(found) == [("A", "&e;")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "us-ascii"])
def test_other_encodings(encoding: str) -> None:
    """A page that says how it is encoded is read so."""
    text = (
        page([of("A", title="caf\u00e9")])
        .decode()
        .replace("\u00e9", "&#233;" if encoding == "us-ascii" else "\u00e9")
    )
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    found = decoded(text.replace('"UTF-8"', f'"{declared}"').encode(encoding))
    assert (titles(found), found.repair_count) == ([("A", "caf\u00e9")], 0)


def test_comments_and_instructions_are_no_records() -> None:
    """A record in a comment is none; one in CDATA is text."""
    body = page([A, b"<!-- " + B + b" -->", b"<?x " + B + b"?>"], nextUrl=NEXT)
    assert titles(decoded(body)) == [("A", "first")]
    for text in (B.decode(), "</productInfoList><productInfoList>", "</products>"):
        quoted = A.replace(b"first", f"<![CDATA[{text}]]>".encode())
        assert titles(decoded(page([quoted, B]))) == [("A", text), ("B", "second")]


@pytest.mark.parametrize("empty", [b"<productInfoList/>", b"<products></products>"])
def test_an_empty_element_is_an_empty_list(empty: bytes) -> None:
    """As some serialisers write it."""
    assert decoded(page([empty])).record_count == 0


def test_the_content_hash_is_of_the_records_alone() -> None:
    """A fresh signature around the same records changes nothing."""
    one, two, other = (
        decoded(page([first], nextUrl=url)).content_hash
        for first, url in (
            (A, "https://h/?sig=1"),
            (A, "https://h/?sig=2"),
            (B, "https://h/?sig=2"),
        )
    )
    assert one == two != other
