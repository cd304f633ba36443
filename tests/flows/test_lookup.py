"""Look-ups at the vendor's and in the lake."""

from __future__ import annotations

import asyncio
import codecs
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from feeds.client import Client, Patience
from feeds.dialect import DIALECTS, V1_JSON, Dialect
from feeds.errors import FeedError, PageBrokenError, RequestRefusedError, UpstreamFailedError
from feeds.lookup import look_up, search
from feeds.page import Page
from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Answer, Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

URL = "http://dl.flipkart.com/dl/x/p/itm1?pid={}&affid=me"


def sold(product_id: str, price: float, title: str, brand: str = "Acme") -> dict[str, Any]:
    """Return a record with what a look-up shows."""
    url = URL.format(product_id)
    return record(product_id, price, title=title, productBrand=brand, productUrl=url)


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve three shoes and look-ups of them."""
    with Scripted() as scripted:
        scripted.page(
            None,
            sold("A", 10, "Red running shoe"),
            sold("B", 20, "Blue shoe for running far"),
            sold("C", 30, "Hat", brand="Running"),
        )
        scripted.put_json("/affiliate/1.0/product.json", sold("A", 9, "Red running shoe"))
        found = {
            "products": [sold("B", 20, "Blue shoe for running far"), sold("D", 5, "Shoe tree")]
        }
        scripted.put_json("/affiliate/1.0/search.json", found)
        yield scripted


@pytest.fixture
def account(upstream: Scripted) -> Mapping[str, str]:
    """Return the environment of an operator."""
    return {
        "FK_AFFILIATE_ID": upstream.affiliate_id,
        "FK_AFFILIATE_TOKEN": upstream.token,
        "FEEDLAKE_API_URL": upstream.url,
    }


def test_a_product_asked_for_is_merged(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, ask: Ask
) -> None:
    """Its new price is shown with a link that earns, and is in the lake with its history."""
    refresh(upstream)
    done = command("product", "A", "--json", env=account)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {
            "product_id": "A",
            "title": "Red running shoe",
            "brand": "Acme",
            "mrp": 999.0,
            "selling_price": 9.0,
            "special_price": 9.0,
            "in_stock": True,
            "link": "https://dl.flipkart.com/dl/x/p/itm1?pid=A&affid=me",
        }
    ]
    columns = "selling_price::DOUBLE, feed, category"
    assert ask(f"SELECT {columns} FROM products WHERE product_id = 'A'") == [(9, "lookup", "shoes")]
    history = (
        "SELECT selling_price::DOUBLE FROM price_history "
        "WHERE product_id = 'A' ORDER BY observed_at"
    )
    assert ask(history) == [(10,), (9,)]
    assert ask("SELECT count(*) FROM products WHERE is_available") == [(3,)]


def test_what_a_search_finds_is_merged(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, ask: Ask
) -> None:
    """A product that no feed listed is in the lake without a category."""
    refresh(upstream)
    done = command("search", "shoe", env=account)
    assert done.returncode == 0
    assert "Shoe tree" in done.stdout
    assert "pid=D&affid=me" in done.stdout
    assert ask("SELECT category, feed FROM products WHERE product_id = 'D'") == [(None, "lookup")]


def test_a_search_without_a_lake_only_shows(
    command: Command, account: Mapping[str, str], lake: Any
) -> None:
    """No lake is made by looking; the note says so."""
    done = command("search", "shoe", env=account)
    assert done.returncode == 0
    assert "there is no lake" in done.stderr
    assert not lake.exists()


def test_a_busy_lake_does_not_hold_a_look_up_up(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, lake: Any
) -> None:
    """The answer is shown, and the note says that it was not kept."""
    refresh(upstream)
    with open_for_writing(LakeFolder(lake)):
        done = command("product", "A", env=account)
    assert done.returncode == 0
    assert "9.00" in done.stdout
    assert "not kept in the lake: process" in done.stderr


def test_an_unknown_product(
    command: Command, upstream: Scripted, account: Mapping[str, str]
) -> None:
    """One line that offers the search."""
    upstream.answers["/affiliate/1.0/product.json"] = [404]
    done = command("product", "Z", env=account)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "knows no product 'Z'" in line


BASE = {"productBaseInfo": None, "productBaseInfoV1": None}
NOTHING: dict[str, Answer] = {
    "404": 404,
    "400": 400,
    "204": 204,
    "null": b"null",
    "an object": b"{}",
    "a list": b" []\n",
    "nothing": b"",
    "a blank": b" \n",
    "a mark": codecs.BOM_UTF8,
    "a text": b'"no such product"',
    "an error": b'{"errorCode": "E17", "message": "not in the catalogue"}',
    "no record": json.dumps(BASE).encode(),
    "an empty record": b'{"productBaseInfoV1": {}}',
    "a record without id": json.dumps(record("")).encode(),
    "a list of null": b"[null]",
    "an empty page": b'{"nextUrl": null, "productInfoList": []}',
    "a page of null": b'{"products": [null]}',
    "a page with null for a list": b'{"products": null}',
}
NOTHING_IN_XML: dict[str, Answer] = {
    "an empty record": b"<ProductInfoV1/>",
    "a prefixed empty record": b'<n:ProductInfoV1 xmlns:n="urn:x"></n:ProductInfoV1>',
    "an older empty record": b"<ProductInfo><productBaseInfo/></ProductInfo>",
    "a record without id": b"<ProductInfoV1><productBaseInfoV1><productId/>"
    b"</productBaseInfoV1></ProductInfoV1>",
    "an error in XML": b"<error><message>not in the catalogue</message></error>",
    "an empty page in XML": b"<ProductSearchFeed><nextUrl/></ProductSearchFeed>",
}
IMPATIENT = Patience(attempts=3, first_wait=0.001, longest_wait=0.002)
PATHS = {"v1.1.0": "/affiliate/1.0/{}.{}", "v0.1.0": "/affiliate/{}/{}"}


async def looked_up(
    upstream: Scripted, product_id: str, dialect: Dialect = V1_JSON
) -> tuple[Page | None, Page | None]:
    """Return what a look-up and a search find."""
    async with Client(upstream.url, "me", "0f1e", patience=IMPATIENT) as client:
        return (
            await look_up(client, product_id, dialect),
            await search(client, product_id, dialect=dialect),
        )


@pytest.mark.parametrize(
    "answer", (NOTHING | NOTHING_IN_XML).values(), ids=NOTHING | NOTHING_IN_XML
)
def test_an_answer_that_names_no_product(answer: Answer) -> None:
    """Whatever the vendor says for it, in both versions; with 200 it must say so twice."""
    is_xml = answer in NOTHING_IN_XML.values()
    for (version, extension), dialect in DIALECTS.items():
        if is_xml and extension != "xml":
            continue
        paths = [PATHS[version].format(room, extension) for room in ("product", "search")]
        with Scripted() as upstream:
            upstream.answers.update({path: [answer] for path in paths})
            assert asyncio.run(looked_up(upstream, "A", dialect)) == (None, None)
            times = 1 if isinstance(answer, int) else 2
            assert upstream.asked == [path for path in paths for _ in range(times)]


def test_an_outage_is_no_unknown_product() -> None:
    """A web page, a server error and a status of another kind are no answer to a look-up."""
    answers: list[tuple[Answer, type[FeedError]]] = [
        (b"<html><body>back soon</body></html>", PageBrokenError),
        (b"back soon", PageBrokenError),
        (500, UpstreamFailedError),
        (451, RequestRefusedError),
    ]
    for answer, error in answers:
        for dialect in DIALECTS.values():
            with Scripted() as upstream:
                upstream.otherwise = answer
                with pytest.raises(error):
                    asyncio.run(looked_up(upstream, "A", dialect))


def test_an_answer_that_is_empty_in_passing() -> None:
    """It is asked for again, and the product is there."""
    with Scripted() as upstream:
        for room in ("product", "search"):
            path = PATHS["v1.1.0"].format(room, "json")
            upstream.answers[path] = [b"null", json.dumps([record("A")]).encode()]
        pages = asyncio.run(looked_up(upstream, "A"))
    assert [page and page.frame["product_id"].to_list() for page in pages] == [["A"], ["A"]]


@pytest.mark.parametrize("wrapped", ["{}", "[{}]", '{{"products": [{}]}}', "\ufeff {}\n"])
def test_a_record_is_read_in_any_wrapping(wrapped: str) -> None:
    """Alone, in a list, in a page and behind a mark; blanks and case make no other id."""
    body = wrapped.format(json.dumps(record("AbC"))).encode()
    with Scripted() as upstream:
        upstream.otherwise = body
        page, _ = asyncio.run(looked_up(upstream, " aBc "))
    assert page is not None
    assert page.frame["product_id"].to_list() == ["AbC"]


def test_words_that_are_no_text_are_asked_for() -> None:
    """A terminal in another encoding sends bytes that are not UTF-8."""
    with Scripted() as upstream:
        assert asyncio.run(looked_up(upstream, "caf\udce9")) == (None, None)
        assert len(upstream.asked) == 2


def test_another_product_is_not_the_answer(
    command: Command, upstream: Scripted, account: Mapping[str, str], refresh: Refresh, ask: Ask
) -> None:
    """Neither shown nor kept: a script would take its price for the other's."""
    refresh(upstream)
    upstream.put_json("/affiliate/1.0/product.json", sold("D", 9, "Shoe tree"))
    done = command("product", "A", "--json", env=account)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "feedlake: the vendor answered with product 'D' when it was asked for 'A'; nothing was "
        "kept: ask for that id if it is meant\n"
    )
    upstream.put_json("/affiliate/1.0/product.json", {})
    done = command("product", "A", "--json", env=account)
    assert (done.returncode, done.stdout) == (1, "")
    assert "knows no product 'A'" in done.stderr
    upstream.put_json(
        "/affiliate/1.0/product.json", record("A", mrp={"amount": "?"}, flipkartSellingPrice="?")
    )
    done = command("product", "A", env=account)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the vendor's record for 'A' cannot be taken (bad_" in done.stderr
    assert ask("SELECT count(*), count(*) FILTER (product_id = 'D') FROM products") == [(3, 0)]
    assert ask("SELECT count(*) FROM rejected_records") == [(0,)]


def test_a_product_is_named_by_its_link(
    command: Command, upstream: Scripted, account: Mapping[str, str]
) -> None:
    """As it is copied from the shop; what names none is a wrong call."""
    done = command("product", URL.format("A"), env=account)
    assert (done.returncode, "Red running shoe" in done.stdout) == (0, True)
    for nothing in ("", "https://www.flipkart.com/shoes"):
        done = command("product", nothing, env=account)
        assert done.returncode == 2
        assert "holds no product id" in done.stderr
    assert upstream.asked.count("/affiliate/1.0/product.json") == 1


def test_the_lake_is_searched_without_the_network(
    command: Command, upstream: Scripted, refresh: Refresh
) -> None:
    """Every word must be there; the title counts before the brand."""
    refresh(upstream)
    asked = len(upstream.asked)

    def found(*words: str) -> list[str]:
        done = command("search", "--local", "--json", *words)
        assert done.returncode == 0
        return [row["product_id"] for row in json.loads(done.stdout)]

    assert found("running") == ["A", "B", "C"]
    assert found("BLUE", "running") == ["B"]
    assert found("hat", "running") == ["C"]
    assert found("nothing") == []
    assert found("100%_'; DROP") == []
    assert len(upstream.asked) == asked
