"""XML records: the same product as in JSON, however the elements are laid out."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from polars.testing import assert_frame_equal

from feeds.invisible import stripped
from feeds.product import v0_json, v0_xml, v1_json, v1_xml
from feeds.product.schema import CARRIED_BY_V0, CARRIED_BY_V1_JSON, CARRIED_BY_V1_XML, FRAME_SCHEMA
from feeds.product.xml_records import parse_record
from tests.feeds.xml_spelling import NOT_IN_XML, element, record

LAYOUT = v1_xml.SHAPE.layout


def captured_lists(captures: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the records of every captured answer of v1.1.0, a file at a time."""
    for file in sorted((captures / "v1.1.0-2016-11").glob("*/*.json.gz")):
        yield json.loads(gzip.decompress(file.read_bytes()))
    sample = json.loads((captures / "v1.1.0-2016-11" / "quirk_sample.json").read_bytes())
    yield [one["product"] for one in sample]
    for name in ("v110_feed_2018-03_ProductStucture.json", "v110_feed_2018-04_stub.json"):
        yield json.loads((captures / "v1.1.0-2018" / name).read_bytes())["products"]
    for name in (
        "v110_product_2017_atemon_readme.json",
        "v110_product_by_id_2016-12_tshirt_keensam04.json",
    ):
        yield [json.loads((captures / "v1.1.0-2018" / name).read_bytes())]


def indented(raw: bytes) -> bytes:
    """Return a record as a person would print it."""
    root = etree.fromstring(raw)
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8")


def backwards(raw: bytes) -> bytes:
    """Return a record with its parts, and the fields of each, the other way round."""
    root = etree.fromstring(raw)
    for part in root:
        names = list(dict.fromkeys(one.tag for one in part))
        part[:] = [one for name in reversed(names) for one in part.findall(name)]
    root[:] = list(reversed(root))
    return etree.tostring(root, encoding="utf-8")


def test_every_captured_record_is_the_same_in_both_formats(captures: Path) -> None:
    """All 20,329 captured records and more decode alike in every column that XML carries."""
    count = 0
    for records in captured_lists(captures):
        expected, _ = v1_json.decode_records(json.dumps(records).encode())
        found, rejected = v1_xml.decode_records([record(one) for one in records])
        assert rejected == []
        assert found.schema == FRAME_SCHEMA
        assert_frame_equal(expected.select(CARRIED_BY_V1_XML), found.select(CARRIED_BY_V1_XML))
        count += len(records)
    assert count == 20_329 + 88 + 3 + 2


def on_lines(raw: bytes) -> bytes:
    """Return a record printed with every text on a line of its own."""
    root = etree.fromstring(raw)
    etree.indent(root)
    for leaf in root.iter():
        if len(leaf) == 0 and leaf.text:
            leaf.text = f"\n      {leaf.text}\n    "
    return etree.tostring(root, encoding="utf-8")


@pytest.mark.parametrize("rewritten", [indented, backwards, on_lines])
def test_layout_does_not_matter(captures: Path, rewritten: Any) -> None:
    """Printed with blanks or in another order, records say the same."""
    folder = captures / "v1.1.0-2016-11"
    feed = json.loads(gzip.decompress((folder / "feeds" / "mens_footwear.json.gz").read_bytes()))
    sample = json.loads((folder / "quirk_sample.json").read_bytes())
    raws = [record(one) for one in (*feed[:150], *(one["product"] for one in sample))]
    expected, _ = v1_xml.decode_records(raws)
    found, rejected = v1_xml.decode_records([rewritten(raw) for raw in raws])
    assert rejected == []
    assert_frame_equal(expected, found)


def test_captured_records_need_no_tree(captures: Path) -> None:
    """In the order captured in XML, the quick way takes all, and reads what a tree reads."""
    for file in (captures / "v1.1.0-2016-11" / "feeds").glob("*s.json.gz"):
        for raw in map(record, json.loads(gzip.decompress(file.read_bytes()))):
            assert LAYOUT.match(raw) == tuple(LAYOUT.read(parse_record(raw)))


def test_the_captured_xml_needs_no_tree(captures: Path) -> None:
    """The nine records of the one captured answer: the quick way reads what a tree reads."""
    body = (captures / "neighbours" / "xml" / "search_v0.1.0_2016-01.xml").read_bytes()
    raws = re.findall(rb"<productInfoList>.*?</productInfoList>", body)
    layout = v0_xml.SHAPE.layout
    assert len(raws) == 9
    for raw in raws:
        assert layout.match(raw) == tuple(layout.read(parse_record(raw)))


def test_what_carries_what() -> None:
    """XML overwrites what JSON does but specifications; v0.1.0 what it has fields for."""
    assert set(CARRIED_BY_V1_JSON) - set(CARRIED_BY_V1_XML) == {"specifications"}
    assert set(CARRIED_BY_V0) - set(CARRIED_BY_V1_JSON) == {
        "emi_available",
        "cash_back",
        "style_code",
        "size_variants",
        "color_variants",
    }
    assert "selling_price" in CARRIED_BY_V0
    assert not {"special_price", "seller_name", "specifications"} & set(CARRIED_BY_V0)


def small(**base: Any) -> dict[str, Any]:
    """Return a small good record."""
    return {"productBaseInfoV1": {"productId": "A"} | base}


def one_row(raw: bytes) -> dict[str, Any]:
    """Return the row of one good record."""
    frame, rejected = v1_xml.decode_records([raw])
    assert rejected == []
    return frame.to_dicts()[0]


@settings(max_examples=300, deadline=None)
@given(
    title=st.text(),
    offers=st.lists(st.text(), max_size=4),
    images=st.dictionaries(st.text(), st.text(min_size=1), max_size=4),
)
def test_any_text_comes_back(title: str, offers: list[str], images: dict[str, str]) -> None:
    """Texts, lists and maps of whatever XML can hold are read as they were, both ways.

    Only links lose the blanks at their ends.
    """
    title, *offers = (NOT_IN_XML.sub("", one) for one in (title, *offers))
    images = {stripped(NOT_IN_XML.sub("", key)): one for key, one in images.items()}
    images = {key: stripped(NOT_IN_XML.sub("", one)) for key, one in images.items()}
    raw = record(small(title=title, imageUrls=images, offers=offers))
    row = one_row(raw)
    assert row["title"] == (title or None)
    assert row["offers"] == (offers or None)
    assert row["image_urls"] == (
        [{"key": key, "value": value or None} for key, value in images.items()] or None
    )
    assert row == one_row(backwards(raw))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("caf&#233; &#x1F3A7;", "caf\u00e9 \U0001f3a7"),
        ("&amp;lt; &#38;amp; &#60;b&#62;", "&lt; &amp; <b>"),
        ("&quot;&apos;", "\"'"),
        ("a > b", "a > b"),
        ("one\r\ntwo\rthree&#13;", "one\ntwo\nthree\r"),
        ("<![CDATA[a & <b>]]> c", "a & <b> c"),
        ("a <!-- not --> b", "a  b"),
        ("a <i>b</i> c", "a b c"),
        (" ", " "),
        ("", None),
    ],
)
def test_every_way_to_write_a_text(markup: str, text: str | None) -> None:
    """References, CDATA, comments and line ends mean what XML says they mean."""
    raw = f"<r><productBaseInfoV1><productId>A</productId><title>{markup}</title>"
    assert one_row(f"{raw}</productBaseInfoV1></r>".encode())["title"] == text


@pytest.mark.parametrize("empty", ["", "<{}/>", "<{} />", "<{}></{}>", '<{} x="y"/>'])
@pytest.mark.parametrize(
    "name", ["title", "inStock", "discountPercentage", "attributes", "imageUrls"]
)
def test_absent_and_empty_are_null(name: str, empty: str) -> None:
    """An element that is not there and one that is empty say the same: nothing."""
    field = empty.replace("{}", name)
    raw = f"<r><productBaseInfoV1><productId>A</productId>{field}</productBaseInfoV1></r>"
    row = one_row(raw.encode())
    assert {
        value for column, value in row.items() if column not in {"product_id", "record_number"}
    } == {None}


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ({"productId": None}, "no_product_id"),
        ({"productId": ""}, "no_product_id"),
        ({"productId": "x" * 201}, "no_product_id"),
        ({"maximumRetailPrice": {"amount": "1,299"}}, "bad_price"),
        ({"flipkartSellingPrice": {"amount": -1}}, "bad_price"),
        ({"flipkartSellingPrice": {"amount": 1e11}}, "bad_price"),
        ({"flipkartSellingPrice": {"amount": "NaN"}}, "bad_price"),
        ({"flipkartSellingPrice": "12"}, "bad_price"),
        (
            {
                "maximumRetailPrice": {"amount": 2, "currency": "INR"},
                "flipkartSellingPrice": {"amount": 1, "currency": "USD"},
            },
            "bad_price",
        ),
        ({"inStock": "yes"}, "bad_value"),
        ({"discountPercentage": "ten"}, "bad_value"),
    ],
)
def test_a_bad_record_is_bad_in_both_formats(base: dict[str, Any], reason: str) -> None:
    """It is set aside for the same reason, with its place and bytes, and the rest is kept."""
    listed = [
        small(),
        small() | {"productBaseInfoV1": small()["productBaseInfoV1"] | base},
        small(),
    ]
    in_json, json_rejected = v1_json.decode_records(json.dumps(listed).encode())
    raws = [record(one) for one in listed]
    in_xml, (rejected,) = v1_xml.decode_records(raws)
    assert [one.reason for one in json_rejected] == [rejected.reason] == [reason]
    assert in_xml["record_number"].to_list() == in_json["record_number"].to_list() == [0, 2]
    assert (rejected.record_number, rejected.raw) == (1, raws[1])
    assert rejected.product_id == (None if reason == "no_product_id" else "A")


@pytest.mark.parametrize(
    "raw", [b"<r><productBaseInfoV1>", b"text", b"<r>\xff</r>", b"<r>\0</r>", b"<r>&#x110000;</r>"]
)
def test_what_is_no_markup_is_not_a_record(raw: bytes) -> None:
    """Bytes that are not well-formed are set aside, never guessed at."""
    frame, (rejected,) = v1_xml.decode_records([raw])
    assert (frame.height, rejected.reason, rejected.raw) == (0, "not_a_record", raw)


def test_one_bad_record_costs_no_other() -> None:
    """Of a thousand records the five bad ones are found."""
    bad = {3, 500, 501, 998, 999}
    raws = [record(small(inStock="?" if n in bad else True)) for n in range(1000)]
    frame, rejected = v1_xml.decode_records(raws)
    assert {one.record_number for one in rejected} == bad
    assert frame["record_number"].to_list() == [n for n in range(1000) if n not in bad]


def test_blanks_between_elements_are_no_text() -> None:
    """A printed record keeps the blanks of its texts and loses those around its elements."""
    raw = b"""<r>
      <productBaseInfoV1>
        <productId>A</productId> <title> </title>
        <imageUrls> <entry> <key>k</key> <value> v </value> </entry> </imageUrls>
        <offers> </offers><offers>
          <title>b</title> </offers>
        <attributes> <size>\t</size> </attributes>
      </productBaseInfoV1>
    </r>"""
    row = one_row(raw)
    assert (row["title"], row["size"]) == (" ", "\t")
    assert row["image_urls"] == [{"key": "k", "value": "v"}]
    assert row["offers"] == [" ", "b"]
    assert LAYOUT.match(indented(record(small(title="x", offers=["a"])))) is not None


def test_blanks_around_what_is_no_free_text() -> None:
    """Ids, currencies, links, paths, flags and numbers lose them, on one line as on several."""
    price = "<amount> 12.5\t</amount><currency>\n INR </currency>"
    fields = {
        "productId": " A\u00a0",
        "productUrl": "\n http://h/p?pid=A\u200b ",
        "categoryPath": " A>B ",
        "inStock": "\ttrue ",
        "discountPercentage": " 7 ",
        "imageUrls": "<entry><key> 8x8 </key><value> http://h/8x8\n</value></entry>",
        "maximumRetailPrice": price,
        "flipkartSpecialPrice": "<amount> </amount><currency> </currency>",
        "productFamily": " F ",
        "codAvailable": "\n  ",
        "title": "  kept ",
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    row = one_row(f"<r><productBaseInfoV1>{inner}</productBaseInfoV1></r>".encode())
    assert (row["product_id"], row["product_url"]) == ("A", "http://h/p?pid=A")
    assert (row["category_path"], row["in_stock"], row["cod_available"]) == ("A>B", True, None)
    assert (row["mrp"], row["currency"], row["special_price"]) == (12.5, "INR", None)
    assert (row["discount_percentage"], row["product_family"]) == (7, ["F"])
    assert row["image_urls"] == [{"key": "8x8", "value": "http://h/8x8"}]
    assert row["title"] == "  kept "


@pytest.mark.parametrize("blank", [" ", "\n    ", "\u200b", "&#160;"])
def test_an_id_of_blanks_is_none(blank: str) -> None:
    """As an empty one."""
    raw = f"<r><productBaseInfoV1><productId>{blank}</productId></productBaseInfoV1></r>"
    _, (rejected,) = v1_xml.decode_records([raw.encode()])
    assert rejected.reason == "no_product_id"


def test_twice_the_same_element() -> None:
    """It may say the same again; a list goes on wherever it stands; of paths the first counts."""
    fields = "<title/><offers>a</offers><title>b</title><title>b</title><offers>d</offers>"
    paths = "<categoryPath>X</categoryPath><categoryPath>Y</categoryPath>"
    raw = f"<r><productBaseInfoV1><productId>A</productId>{fields}{paths}</productBaseInfoV1></r>"
    row = one_row(raw.encode())
    assert (row["title"], row["offers"], row["category_path"]) == ("b", ["a", "d"], "X")


@pytest.mark.parametrize(
    "fields",
    [
        "<title>b</title><title>c</title>",
        "<productId>B</productId>",
        "</productBaseInfoV1><productBaseInfoV1>",
        "<title>b<productBrand>c</productBrand></title>",
        "<offers>b<inStock>true</inStock></offers>",
        "<inStock>true<isAvailable>false</isAvailable></inStock>",
        "<productUrl>http://h/<b>p</b></productUrl>",
        "<maximumRetailPrice><amount>1<i>0</i></amount></maximumRetailPrice>",
        "<imageUrls><entry><key>k</key><value>u<key>l</key></value></entry></imageUrls>",
    ],
)
def test_what_says_two_things_is_no_record(fields: str) -> None:
    """A field inside another, or twice: a tag between them was lost, and nothing is certain."""
    raw = f"<r><productBaseInfoV1><productId>A</productId>{fields}</productBaseInfoV1></r>"
    frame, (rejected,) = v1_xml.decode_records([raw.encode()])
    assert (frame.height, rejected.reason) == (0, "not_a_record")


def test_a_map_without_a_value_and_with_a_key_twice() -> None:
    """A missing value is null, and of one key the last value counts, as in JSON."""
    images = "".join(
        f"<entry>{one}</entry>"
        for one in ("<key>a</key>", "<key>b</key><value>1</value>", "<key>b</key><value>2</value>")
    )
    raw = f"<r><productBaseInfoV1><productId>A</productId><imageUrls>{images}</imageUrls>"
    assert one_row(f"{raw}</productBaseInfoV1></r>".encode())["image_urls"] == [
        {"key": "a", "value": None},
        {"key": "b", "value": "2"},
    ]


def test_offers_may_be_wrapped_in_titles() -> None:
    """As a list of texts and of `{title}`, also mixed."""
    row = one_row(record(small(offers=["a", {"title": "b & c"}, "d"])))
    assert row["offers"] == ["a", "b & c", "d"]


def test_a_prefix_declared_by_the_page_does_not_hide_a_field() -> None:
    """Records are read apart from their page, and with it from its namespaces."""
    fields = '<title xsi:nil="true"/><x:productBrand>b</x:productBrand>'
    raw = f"<r><productBaseInfoV1><productId>A</productId>{fields}</productBaseInfoV1></r>"
    row = one_row(raw.encode())
    assert (row["title"], row["brand"]) == (None, "b")


def older(product_id: str = "V", **attributes: Any) -> dict[str, Any]:
    """Return a small v0.1.0 record."""
    path = {"categoryPath": [[{"title": "A>B"}]]}
    identifier = {"productId": product_id, "categoryPaths": path}
    return {
        "productBaseInfo": {
            "productIdentifier": identifier,
            "productAttributes": {
                "title": "old",
                "sellingPrice": {"amount": 392, "currency": "INR"},
                "sizeVariants": "[P, Q]",
            }
            | attributes,
        },
        "productShippingBaseInfo": {"shippingOptions": None},
        "offset": None,
    }


def test_the_captured_older_record(captures: Path) -> None:
    """The captured v0.1.0 page says the same in both formats, and what it says is right."""
    file = captures / "v0.1.0" / "v010_feed_2016-01_satyamdev29_repaired.json"
    listed = json.loads(file.read_bytes())["productInfoList"]
    in_json, _ = v0_json.decode_records(json.dumps(listed).encode())
    in_xml, _ = v0_xml.decode_records([record(one) for one in listed])
    assert_frame_equal(in_json, in_xml)
    (row,) = in_json.to_dicts()
    attributes = listed[0]["productBaseInfo"]["productAttributes"]
    assert row["product_id"] == "TDHD8YQH2U5PUG6Z"
    assert row["title"] == attributes["title"]
    assert (row["currency"], row["mrp"], row["selling_price"]) == ("INR", 490, 392)
    assert (row["in_stock"], row["is_available"], row["emi_available"]) == (False, True, None)
    assert row["style_code"] == attributes["styleCode"]
    assert row["category_path"].count(">") == 4
    assert row["product_url"].endswith("?pid=TDHD8YQH2U5PUG6Z")
    assert len(row["image_urls"]) == 11
    assert row["size_variants"] is row["color_variants"] is row["special_price"] is None


def printed_fields(text: str) -> dict[str, str]:
    """Return the fields of a printed answer by their names."""
    pairs = (line.split("] => ", 1) for line in text.splitlines() if "] => " in line)
    return {name.strip(" ["): value for name, value in pairs if value != "Array"}


def test_the_printed_older_answer(captures: Path) -> None:
    """The fields of the search answer printed in 2015 are taken, variants as lists."""
    said = printed_fields(
        (captures / "v0.1.0" / "v010_search_or_product_print_r_2015.txt").read_text()
    )
    listed = older(
        said["productId"],
        **{name: said[name] for name in ("productUrl", "productBrand", "color")},
        **{name: said[name] for name in ("sizeVariants", "colorVariants")},
        inStock=said["inStock"] == "1",
        emiAvailable=None,
    )
    for frame, rejected in (
        v0_json.decode_records(json.dumps([listed]).encode()),
        v0_xml.decode_records([record(listed)]),
    ):
        assert rejected == []
        (row,) = frame.to_dicts()
        assert row["product_id"] == "MOBE6FT8DZXTBRZZ"
        assert row["size_variants"] == ["MOBE7JXXKS6PWW2C", "MOBE7JXXWBRAZMSB"]
        assert row["color_variants"] == ["MOBE7JXXKS6PWW2C", "MOBE7JXXQDVZGBHZ", "MOBE7JXXWBRAZMSB"]
        assert (row["brand"], row["color"], row["in_stock"]) == ("Lenovo", "Black", True)
        assert "affid" not in row["product_url"]


def test_an_older_path_in_items() -> None:
    """A client of the time read the path's title out of an `item`."""
    raw = record(older()).replace(b"<title>A&gt;B</title>", b"<item><title>A&gt;B</title></item>")
    frame, _ = v0_xml.decode_records([raw])
    printed, _ = v0_xml.decode_records([indented(raw)])
    assert frame["category_path"].to_list() == printed["category_path"].to_list() == ["A>B"]


def test_older_records_among_newer_ones() -> None:
    """They are read by their own rules, and the frame says of each record where it is from."""
    listed = [small(title="new"), older(), small(productId=""), older(""), small()]
    for (frame, rejected), extension in (
        (v1_json.decode_records(json.dumps(listed).encode()), "json"),
        (v1_xml.decode_records([record(one) for one in listed]), "xml"),
    ):
        assert frame.columns == [*FRAME_SCHEMA, "record_source"]
        assert frame.select("record_number", "product_id", "title", "record_source").rows() == [
            (0, "A", "new", f"v1.1.0 {extension}"),
            (1, "V", "old", f"v0.1.0 {extension}"),
            (4, "A", None, f"v1.1.0 {extension}"),
        ]
        assert [(one.record_number, one.reason) for one in rejected] == [
            (2, "no_product_id"),
            (3, "no_product_id"),
        ]


def test_the_spelling_follows_the_rules() -> None:
    """The converter of these tests writes what the reference shows."""
    assert element("imageUrls", {"200x200": "u"}) == (
        "<imageUrls><entry><key>200x200</key><value>u</value></entry></imageUrls>"
    )
    assert element("offers", ["a", "b"]) == "<offers>a</offers><offers>b</offers>"
    assert element("specificationList", [{"key": "k"}]) == "<specificationList></specificationList>"
    assert element("codAvailable", None) == ""
