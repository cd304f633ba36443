"""Records read again without their page: as their page would be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feeds.dialect import DIALECTS
from feeds.product.source import CARRIED_BY, RECORD_SOURCE, V0_JSON, V1_JSON, V1_XML
from feeds.raw_records import read_again
from tests.feeds.dumps import HEADER, fields, line, product_id
from tests.scripted import record


def raw(product: str, **base: Any) -> bytes:
    """Return a v1.1.0 record in JSON."""
    return json.dumps(record(product, **base)).encode()


def xml(product: str, inside: bytes = b"", price: bytes = b"9.0") -> bytes:
    """Return a v1.1.0 record in XML."""
    amount = b"<amount>%b</amount><currency>INR</currency>" % price
    return (
        b"<productInfoList><productBaseInfoV1><productId>%b</productId>"
        b"<flipkartSellingPrice>%b</flipkartSellingPrice>%b"
        b"</productBaseInfoV1></productInfoList>" % (product.encode(), amount, inside)
    )


def test_json_is_read_as_its_page_would_be() -> None:
    """Good records in their order, and what is still wrong with the others."""
    older = {"productBaseInfo": {"productIdentifier": {"productId": "OLD"}}}
    raws = [raw("A"), raw("B", inStock="perhaps"), json.dumps(older).encode(), raw("D")]
    again = read_again(V1_JSON, None, raws)
    page = DIALECTS["v1.1.0", "json"].decode_page(b'{"products":[' + b",".join(raws) + b"]}")
    assert again.frame.equals(page.frame)
    assert again.frame["record_number"].to_list() == [0, 2, 3]
    assert again.frame[RECORD_SOURCE].to_list() == [V1_JSON, V0_JSON, V1_JSON]
    assert {place: "inStock" in why for place, why in again.failed.items()} == {1: True}
    assert again.carried_by == CARRIED_BY


@pytest.mark.parametrize("broken", [b'{"a":', b"", b"[", b"null]", b'{"a":1},{"b":2}', b"\xff\xfe"])
def test_one_that_is_no_record_costs_no_other(broken: bytes) -> None:
    """Bytes that are no JSON, or more than one record, fail alone."""
    again = read_again(V1_JSON, None, [raw("A"), broken, raw("C")])
    assert again.frame["product_id"].to_list() == ["A", "C"]
    assert again.frame["record_number"].to_list() == [0, 2]
    assert list(again.failed) == [1]


@pytest.mark.parametrize(
    "broken", [b'{"productBaseInfoV1":{"title":"5" x"}}', b'{"productBaseInfoV1":{"title":"cut of']
)
def test_a_damaged_record_says_why_it_stays(broken: bytes) -> None:
    """It is no JSON today either; one that can be mended by now is taken, and changes no other."""
    tab = raw("B", title="a@b").replace(b"@", b"\t")
    again = read_again(V1_JSON, None, [raw("A"), broken, tab, raw("C")])
    assert again.frame["product_id"].to_list() == ["A", "B", "C"]
    assert again.frame["title"].to_list() == ["Product A", "a\tb", "Product C"]
    assert again.frame["record_number"].to_list() == [0, 2, 3]
    assert {place: why.startswith("it is no JSON (") for place, why in again.failed.items()} == {
        1: True
    }


def test_xml_is_repaired_as_in_its_page() -> None:
    """A bare ampersand is repaired; a prefix that the page declared needs no declaration."""
    raws = [
        xml("A"),
        xml("B", b"<title>salt & pepper</title>"),
        xml("C", b'<offers xsi:nil="true"/>'),
        xml("D", price=b"a lot"),
    ]
    again = read_again(V1_XML, None, raws)
    assert again.frame["product_id"].to_list() == ["A", "B", "C"]
    assert again.frame["title"].to_list() == [None, "salt & pepper", None]
    assert again.frame[RECORD_SOURCE].unique().to_list() == [V1_XML]
    assert list(again.failed) == [3]


def test_an_unclosed_element_swallows_no_neighbour() -> None:
    """Each of two records keeps what is its own."""
    open_ended = xml("A").replace(b"</productBaseInfoV1>", b"")
    again = read_again(V1_XML, None, [open_ended, xml("B"), xml("C")])
    assert again.frame["product_id"].to_list()[-2:] == ["B", "C"]
    assert again.frame["record_number"].to_list()[-2:] == [1, 2]


def test_rows_of_a_dump_go_by_its_header() -> None:
    """Columns by name; misquoted rows as far as they can be mended; stray bytes do no harm."""
    raws = [
        line(fields(1)).encode(),
        line(fields(2, title='The 7" one'), broken=["title"]).encode(),
        line(fields(3, inStock="perhaps")).encode(),
        line(fields(4, title="sm\0rt")).encode().replace(b"rt", b"\xe9rt"),
        b"",
    ]
    again = read_again("v1.1.0 csv", HEADER, raws)
    assert again.frame["product_id"].to_list() == [product_id(1), product_id(2), product_id(4)]
    assert again.frame["record_number"].to_list() == [0, 1, 3]
    assert again.frame["title"].to_list() == ["Shoe 1", 'The 7" one', "sm\ufffd\ufffdrt"]
    assert sorted(again.failed) == [2, 4]
    assert "inStock" in again.failed[2]
    assert "title" in again.carried_by["v1.1.0 csv"]
    few = read_again("v1.1.0 csv", "title,productId,mrp", [b"Shoe,SHOE000000000001,7"])
    assert few.frame.select("product_id", "title").rows() == [(product_id(1), "Shoe")]
    assert few.carried_by == {"v1.1.0 csv": ("product_id", "title", "mrp")}


@pytest.mark.parametrize("source", ["v9 json", "", "v1.1.0 csv"])
def test_what_nothing_reads_fails(source: str) -> None:
    """An unknown source, or a dump's row without its header."""
    again = read_again(source, None, [b"{}", b"{}"])
    assert (again.frame.height, sorted(again.failed)) == (0, [0, 1])
