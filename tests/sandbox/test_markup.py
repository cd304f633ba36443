"""The sandbox's XML: the same answers as in JSON, by the rules of the vendor's reference."""

import httpx
import pytest
from lxml import etree

from feeds.sandbox.markup import Markup
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Wire, base, since

RECORDS = "products/productInfoList"


def in_namespace(name: str) -> str:
    """A root's name with the namespace that captured answers declare."""
    return f"{{http://www.flipkart.com/affiliate}}{name}"


def xml_link(link: str) -> str:
    """The same link in the other format."""
    return link.replace(".json?", ".xml?")


def parsed(wire: Wire, url: str) -> etree._Element:
    """An XML answer's root."""
    answer = wire.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/xml"
    return etree.fromstring(answer.content)


@pytest.mark.parametrize(
    ("api", "kind", "root"),
    [
        ("v1.1.0", "get", "ProductFeedV1"),
        ("v1.1.0", "deltaGet", "DeltaFeed"),
        ("v1.1.0", "top", "ProductFeedV1"),
        ("v0.1.0", "get", "ProductFeed"),
        ("v0.1.0", "deltaGet", "DeltaFeed"),
    ],
)
def test_every_page_has_its_root(wire: Wire, api: str, kind: str, root: str) -> None:
    """Each kind of page is well-formed XML with the root that the reference names."""
    link = xml_link(wire.variants(api)["mens_footwear"][kind])

    assert in_namespace(root) == parsed(wire, link).tag


def test_a_page_is_laid_out_as_in_captured_answers(wire: Wire) -> None:
    """Its root has a prefix, its records a wrapper, and children are in alphabetical order."""
    body = wire.get(xml_link(wire.variants()["womens_clothing"]["get"])).content
    root = etree.fromstring(body)
    orders = [
        [child.tag for child in element]
        for element in root.iter()
        if element.tag not in {"entry", "imageUrls"}
    ]

    assert b"<ns2:ProductFeedV1 xmlns:ns2=" in body
    assert [child.tag for child in root] == ["lastProductId", "nextUrl", "products", "validTill"]
    assert {child.tag for child in root.iterfind("products/*")} == {"productInfoList"}
    assert all(order == sorted(order) for order in orders)
    assert b"<sizeUnit></sizeUnit>" in body


def test_an_empty_page_has_an_empty_wrapper(wire: Wire) -> None:
    """An object without members is one tag, as `productShippingBaseInfo` in captured answers."""
    link = xml_link(wire.variants("v0.1.0")["mens_footwear"]["get"])
    empty = parsed(wire, xml_link(wire.variants()["mens_footwear"]["deltaGet"])).find("products")

    assert empty is not None
    assert len(empty) == 0
    assert b"<productShippingBaseInfo/></productInfoList>" in wire.get(link).content


def test_the_layout_of_the_reference() -> None:
    """By its rule, roots have no prefix and records stand in the page, in an order of their own."""
    rules = Rules(quota=0, xml_layout="reference", list_key="products")
    with (
        Sandbox(products=40, categories=1, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        wire = Wire(sandbox, client)
        root = parsed(wire, xml_link(wire.variants()["mens_footwear"]["get"]))
    record = root.find("products")
    assert record is not None

    assert root.tag == "ProductFeedV1"
    assert [part.tag for part in record] == [
        "productBaseInfoV1",
        "productShippingInfoV1",
        "categorySpecificInfoV1",
    ]
    assert record[0][0].tag == "productId"


def test_xml_walk_shows_the_same_products(wire: Wire) -> None:
    """Following `nextUrl` in XML shows the ids of the JSON walk in the same order."""
    link = wire.variants()["womens_clothing"]["get"]
    expected = [base(one)["productId"] for one in wire.walk(link)]
    walked: list[str | None] = []
    following: str | None = xml_link(link)
    while following:
        page = parsed(wire, following)
        walked += [one.text for one in page.findall(f"{RECORDS}/productBaseInfoV1/productId")]
        following = page.findtext("nextUrl")

    assert expected == walked


def test_record_follows_the_rules(wire: Wire) -> None:
    """Maps are entries, lists repeat, specifications are empty, times carry India's offset."""
    link = wire.variants()["mens_footwear"]["get"]
    json_page = wire.get(link).json()
    page = parsed(wire, xml_link(link))
    record, first = json_page["productInfoList"][0], page.find(RECORDS)
    assert first is not None
    images = {
        entry.findtext("key"): entry.findtext("value")
        for entry in first.findall("productBaseInfoV1/imageUrls/entry")
    }
    specifications = first.findall("categorySpecificInfoV1/specificationList")

    assert base(record)["imageUrls"] == images
    assert len(record["categorySpecificInfoV1"]["specificationList"]) == len(specifications)
    assert all(len(one) == 0 and not one.text for one in specifications)
    assert str(page.findtext("validTill")).endswith("+05:30")
    assert first.find("categorySpecificInfoV1/booksInfo/binding") is None


def test_delta_version_is_spelled_without_quotes(wire: Wire) -> None:
    """The version element holds the category's spelling."""
    links = wire.variants()
    found = [
        parsed(wire, xml_link(links[name]["deltaGet"])).findtext("version")
        for name in ("mens_footwear", "womens_clothing", "mens_clothing", "kitchen_appliances")
    ]

    assert found == ["65", "396.0", "727", "1.36625296E8"]


def test_directory_splits_version_keys(wire: Wire) -> None:
    """The directory's maps are entries, and a version key is three numbers."""
    root = parsed(wire, "/affiliate/api/sandbox.xml")
    (listings,) = root.findall("apiGroups/entry/value/apiListings")
    first = listings.find("entry")
    assert first is not None
    parts = [
        [part.text for part in key] for key in first.findall("value/availableVariants/entry/key")
    ]
    link = first.findtext("value/availableVariants/entry/value/get")
    assert link is not None

    assert root.tag == in_namespace("ApiDirectory")
    assert parts == [["1", "1", "0"], ["0", "1", "0"]]
    assert parsed(wire, link).tag == in_namespace("ProductFeedV1")


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    """Control characters go, markup is escaped, and what is left comes back as it was."""
    text = 'a\x0b\x00<b> & "c"\r\n\t\ufffe\ufffd \u5c71 \U0001f3a7'
    value = {"text": text, "none": None, "many": [1, True, 2.0]}
    root = etree.fromstring(Markup().document("t", value))

    assert root.findtext("text") == 'a<b> & "c"\r\n\t\ufffd \u5c71 \U0001f3a7'
    assert root.find("none") is None
    assert [one.text for one in root.findall("many")] == ["1", "true", "2.0"]


def test_delta_since_a_version_lists_products(wire: Wire) -> None:
    """A delta in XML says of each product whether it is still there."""
    link = since(wire.variants()["watches"]["deltaGet"], 1)
    page = parsed(wire, xml_link(link))
    flags = page.findall(f"{RECORDS}/productBaseInfoV1/isAvailable")

    assert len(flags) == len(page.findall(RECORDS)) > 0
    assert {"true"} == {flag.text for flag in flags}
