"""Look-ups in a sandbox: by id and by words."""

import pytest
from lxml import etree

from feeds.sandbox.older import older
from tests.sandbox.wire import Wire, base


def test_product_by_id(wire: Wire) -> None:
    """The record of an id is the one that the feed shows, in either version."""
    record = wire.sandbox.truth("watches")[3]
    wanted = {"id": base(record)["productId"]}

    assert record == wire.client.get("/affiliate/1.0/product.json", params=wanted).json()
    assert older(record) == wire.client.get("/affiliate/product/json", params=wanted).json()


def test_product_in_xml(wire: Wire) -> None:
    """The XML answer has the root of a single product."""
    wanted = base(wire.sandbox.truth("watches")[3])["productId"]
    root = etree.fromstring(wire.get(f"/affiliate/1.0/product.xml?id={wanted}").content)

    assert root.tag.endswith("}ProductInfoV1")
    assert wanted == root.findtext("productBaseInfoV1/productId")


def test_book_by_isbn(wire: Wire) -> None:
    """Books can be looked up as well."""
    tree = wire.get("/affiliate/1.0/booksApi/sandbox.json").json()["booksCategory"]
    book = wire.get(tree["url"]).json()["productInfoList"][0]

    assert book == wire.get(f"/affiliate/1.0/product.json?id={base(book)['productId']}").json()


@pytest.mark.parametrize("wanted", ["TRSE222222222222", "nonsense", "9789300000000", "x" * 500])
def test_unknown_product(wire: Wire, wanted: str) -> None:
    """An id that nothing has is answered with 404."""
    assert wire.get(f"/affiliate/1.0/product.json?id={wanted}").status_code == 404


def test_search_finds_titles_with_all_words(wire: Wire) -> None:
    """Every hit has all the words, and there are never more than ten."""
    answer = wire.get("/affiliate/1.0/search.json?query=WATCH+strap&resultCount=50").json()
    titles = [base(one)["title"].lower() for one in answer["productInfoList"]]

    assert len(titles) == 10
    assert all("watch" in title and "strap" in title for title in titles)
    assert (
        len(wire.get("/affiliate/search/json?query=watch&resultCount=2").json()["productInfoList"])
        == 2
    )


def test_search_in_xml_and_without_hits(wire: Wire) -> None:
    """No hit is an empty answer with the same root."""
    answer = wire.get("/affiliate/1.0/search.xml?query=zzzzz")

    assert etree.fromstring(answer.content).tag.endswith("}ProductSearchFeed")
    assert wire.get("/affiliate/1.0/search.json?query=zzzzz").json()["productInfoList"] == []


@pytest.mark.parametrize(
    "path",
    ["1.0/product.json", "1.0/search.json?resultCount=5", "1.0/search.json?query=a&resultCount=x"],
)
def test_incomplete_questions(wire: Wire, path: str) -> None:
    """A look-up without its id or its words is a bad request."""
    assert wire.get(f"/affiliate/{path}").status_code == 400
