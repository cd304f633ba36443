"""The sandbox's XML: the same answers as in JSON, by the rules of the vendor's reference."""

import pytest
from lxml import etree

from feeds.sandbox.markup import document
from tests.sandbox.wire import Wire, base, since


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

    assert root == parsed(wire, link).tag


def test_xml_walk_shows_the_same_products(wire: Wire) -> None:
    """Following `nextUrl` in XML shows the ids of the JSON walk in the same order."""
    link = wire.variants()["womens_clothing"]["get"]
    expected = [base(one)["productId"] for one in wire.walk(link)]
    walked: list[str | None] = []
    following: str | None = xml_link(link)
    while following:
        page = parsed(wire, following)
        walked += [one.text for one in page.findall("productInfoList/productBaseInfoV1/productId")]
        following = page.findtext("nextUrl")

    assert expected == walked


def test_record_follows_the_rules(wire: Wire) -> None:
    """Maps are entries, lists repeat, specifications are empty, times carry India's offset."""
    link = wire.variants()["mens_footwear"]["get"]
    json_page = wire.get(link).json()
    page = parsed(wire, xml_link(link))
    record, first = json_page["productInfoList"][0], page.find("productInfoList")
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

    assert root.tag == "ApiDirectory"
    assert parts == [["1", "1", "0"], ["0", "1", "0"]]
    assert parsed(wire, link).tag == "ProductFeedV1"


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    """Control characters go, markup is escaped, and what is left comes back as it was."""
    text = 'a\x0b\x00<b> & "c"\r\n\t\ufffe\ufffd \u5c71 \U0001f3a7'
    root = etree.fromstring(document("t", {"text": text, "none": None, "many": [1, True, 2.0]}))

    assert root.findtext("text") == 'a<b> & "c"\r\n\t\ufffd \u5c71 \U0001f3a7'
    assert root.find("none") is None
    assert [one.text for one in root.findall("many")] == ["1", "true", "2.0"]


def test_delta_since_a_version_lists_products(wire: Wire) -> None:
    """A delta in XML says of each product whether it is still there."""
    link = since(wire.variants()["watches"]["deltaGet"], 1)
    page = parsed(wire, xml_link(link))
    flags = page.findall("productInfoList/productBaseInfoV1/isAvailable")

    assert len(flags) == len(page.findall("productInfoList")) > 0
    assert {"true"} == {flag.text for flag in flags}
