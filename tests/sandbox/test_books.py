"""The bookshop of a sandbox."""

from collections.abc import Iterator

import httpx
import pytest
from lxml import etree

from feeds.sandbox.book import isbn, number_of
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Record, Wire, base, ids


@pytest.fixture
def shop() -> Iterator[Wire]:
    """A sandbox with more books than one page holds."""
    rules = Rules(quota=0)
    with (
        Sandbox(products=10, categories=1, books=700, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        yield Wire(sandbox, client)


def tree(wire: Wire) -> Record:
    """The root of the tree of book categories."""
    root: Record = wire.get("/affiliate/1.0/booksApi/sandbox.json").json()["booksCategory"]
    return root


def nodes(node: Record, depth: int = 0) -> Iterator[tuple[int, Record]]:
    """A node and everything below it, with depths."""
    yield depth, node
    for child in node["subCategories"]:
        yield from nodes(child, depth + 1)


def best(wire: Wire, node: Record) -> list[Record]:
    """The best books of a node."""
    page: Record = wire.get(node["url"]).json()
    assert not page.get("nextUrl")
    books: list[Record] = page["productInfoList"]
    return books


def test_tree_is_five_levels_deep(shop: Wire) -> None:
    """Nodes carry their own part of the code; the whole code stands in the link alone."""
    found = list(nodes(tree(shop)))
    deepest = [node for depth, node in found if depth == 4]

    assert max(depth for depth, _ in found) == 4
    assert deepest[0]["id"] == "9lf"
    assert "/category/bks-fnf-ch7-act-9lf.json?expiresAt=" in deepest[0]["url"]
    assert all({"name", "url", "id", "subCategories"} == set(node) for _, node in found)


def test_list_is_ranked_and_capped(shop: Wire) -> None:
    """The root lists 500 of its 700 books, and a leaf's books keep their order in it."""
    root = tree(shop)
    *_, (_, leaf) = nodes(root)
    whole, part = ids(best(shop, root)), ids(best(shop, leaf))
    both = [one for one in whole if one in set(part)]

    assert 500 == len(whole) == len(set(whole))
    assert part
    assert [one for one in part if one in set(both)] == both


def test_books_have_details_and_no_category(shop: Wire) -> None:
    """A book's id is its ISBN; it has authors, a publisher and a null category path."""
    books = best(shop, tree(shop))
    details = [one["categorySpecificInfoV1"]["booksInfo"] for one in books]

    assert all(base(one)["categoryPath"] is None for one in books)
    assert all(number_of(base(one)["productId"]) is not None for one in books)
    assert {0, 1, 2} <= {len(one["authors"]) for one in details}
    assert all(one["publisher"] for one in details)
    assert any(one["year"] == 0 for one in details)


def test_ranks_change_in_some_categories_only(shop: Wire) -> None:
    """A day later some lists are in another order and some are not."""
    found = [node for _, node in nodes(tree(shop))]
    before = [ids(best(shop, node)) for node in found]
    shop.sandbox.next_day()
    same = [old == ids(best(shop, node)) for old, node in zip(before, found, strict=True)]

    assert {True, False} == set(same)


def test_book_links_are_signed(shop: Wire) -> None:
    """A book link of one node does not open another."""
    root = tree(shop)
    query, other = root["url"].split("?")[1], root["subCategories"][0]["url"].split("?")[0]

    assert shop.get(f"{other}?{query}").status_code == 403
    assert shop.get(root["url"].replace("/bks.", "/bks-nothing.")).status_code == 404


def test_tree_and_list_in_xml(shop: Wire) -> None:
    """The tree has its root, nested categories repeat, and its links lead to XML."""
    root = etree.fromstring(shop.get("/affiliate/1.0/booksApi/sandbox.xml").content)
    link = root.findtext("booksCategory/subCategories/url")
    assert link is not None
    page = etree.fromstring(shop.get(link).content)

    assert root.tag == "{http://www.flipkart.com/affiliate}BooksApiDirectory"
    assert len(root.findall("booksCategory/subCategories")) == 3
    assert page.tag == "{http://www.flipkart.com/affiliate}ProductFeedV1"
    assert page.find("nextUrl") is None
    assert page.findall("products/productInfoList/categorySpecificInfoV1/booksInfo/authors")


@pytest.mark.parametrize("number", [0, 1, 699, 9_999_999])
def test_isbns_can_be_read_back(number: int) -> None:
    """An ISBN has 13 digits with a valid check digit and holds the book's number."""
    made = isbn(number)
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(made))

    assert len(made) == 13
    assert total % 10 == 0
    assert number == number_of(made)
