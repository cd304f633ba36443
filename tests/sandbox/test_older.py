"""Version 0.1.0 of a sandbox's answers."""

from feeds.sandbox.older import older
from tests.sandbox.wire import Record, Wire, base, since


def attributes(record: Record) -> Record:
    """A v0.1.0 record's attributes."""
    found: Record = record["productBaseInfo"]["productAttributes"]
    return found


def test_older_walk_shows_the_same_products(wire: Wire) -> None:
    """Links without `1.0` lead through the same products in the older shape."""
    new = wire.walk(wire.variants()["mens_footwear"]["get"])
    old_pages = list(wire.pages(wire.variants("v0.1.0")["mens_footwear"]["get"]))
    old = [record for page in old_pages for record in page["productInfoList"]]

    assert [older(record) for record in new] == old
    assert "/affiliate/feeds/sandbox/category/fwm-t3k/" in old_pages[0]["nextUrl"]


def test_older_shape_has_the_captured_parts(wire: Wire) -> None:
    """Identifier, attributes, shipping and offset stand where captured answers have them."""
    new = wire.walk(wire.variants()["womens_clothing"]["get"])[0]
    record = older(new)
    said = attributes(record)

    assert {"productBaseInfo", "productShippingBaseInfo", "offset"} == set(record)
    identifier = record["productBaseInfo"]["productIdentifier"]
    assert base(new)["productId"] == identifier["productId"]
    assert [[{"title": base(new)["categoryPath"]}]] == identifier["categoryPaths"]["categoryPath"]
    assert base(new)["flipkartSellingPrice"] == said["sellingPrice"]
    assert said["sizeVariants"].startswith("[")
    assert said["sizeVariants"].endswith("]")
    assert said["isAvailable"] is True
    assert all({"title"} == set(offer) for offer in said["offers"])


def test_style_code_is_read_from_both_specification_shapes(wire: Wire) -> None:
    """Records of either shape can carry a style code."""
    walked = wire.walk(wire.variants()["mens_footwear"]["get"])
    coded = {
        "key" in record["categorySpecificInfoV1"]["specificationList"][0]
        for record in walked
        if record["categorySpecificInfoV1"]["specificationList"]
        and attributes(older(record))["styleCode"]
    }

    assert {True, False} == coded


def test_signatures_differ_between_versions(wire: Wire) -> None:
    """A signature of the older version does not open the newer one, nor the other way about."""
    new, old = (wire.variants(api)["mens_footwear"]["get"] for api in ("v1.1.0", "v0.1.0"))
    paths, queries = zip(*(link.split("?") for link in (new, old)), strict=True)

    assert wire.get(f"{paths[0]}?{queries[1]}").status_code == 403


def test_older_delta_works(wire: Wire) -> None:
    """The older delta lists products in its own shape, and still tells the version."""
    link = wire.variants("v0.1.0")["mens_footwear"]["deltaGet"]
    page = wire.get(since(link, 1)).json()

    assert wire.sandbox.versions()["mens_footwear"] == page["version"]
    assert "productBaseInfo" in page["productInfoList"][0]
