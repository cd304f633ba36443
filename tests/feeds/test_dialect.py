"""The four dialects against a live server: the same products whichever way they come."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from feeds.dialect import DIALECTS, Dialect
from feeds.directory import Listing, decode_directory, decode_xml_directory, directory_path
from feeds.errors import PageBrokenError
from feeds.page import Page, decode_page, decode_version
from feeds.product.schema import CARRIED_BY_V0, CARRIED_BY_V1_JSON, CARRIED_BY_V1_XML
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from feeds.signed_url import SignedUrl

CATEGORY = "mens_footwear"


class Client:
    """Asks the sandbox, and reads its answers in one dialect."""

    def __init__(self, sandbox: Sandbox, dialect: Dialect) -> None:
        """Read the directory."""
        self._sandbox, self._dialect = sandbox, dialect
        path = directory_path(sandbox.affiliate_id, dialect.extension)
        self.listings = dialect.decode_directory(self.get(sandbox.url + path))

    def get(self, url: str | SignedUrl) -> bytes:
        """Return the body of an answer."""
        answer = httpx.get(str(url), headers=self._sandbox.headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.content

    def pages(self, first: SignedUrl) -> list[Page]:
        """Return every page of a walk."""
        pages = [self._dialect.decode_page(self.get(first))]
        while pages[-1].next_url:
            pages.append(self._dialect.decode_page(self.get(pages[-1].next_url)))
        return pages


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[tuple[str, str], Client]]:
    """Serve three categories on small pages; return a client for each dialect."""
    with Sandbox(products=900, categories=3, page_size=100, rules=Rules(quota=0)) as sandbox:
        yield {key: Client(sandbox, dialect) for key, dialect in DIALECTS.items()}


def walked(client: Client, link: SignedUrl | None) -> pl.DataFrame:
    """Return all records of a walk; none was rejected, nothing was repaired."""
    assert link is not None
    pages = client.pages(link)
    assert [page.rejected for page in pages] == [[] for _ in pages]
    assert {page.repair_count for page in pages} == {0}
    assert all(page.valid_till for page in pages)
    return pl.concat([page.frame for page in pages])


def without_control(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop the characters that XML cannot hold."""
    pattern = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]"
    return frame.with_columns(pl.col(pl.String).str.replace_all(pattern, ""))


@pytest.mark.parametrize(
    ("api_version", "carried"), [("v1.1.0", CARRIED_BY_V1_XML), ("v0.1.0", CARRIED_BY_V0)]
)
def test_a_walk_brings_the_same_products_in_both_formats(
    clients: dict[tuple[str, str], Client], api_version: str, carried: tuple[str, ...]
) -> None:
    """Every record of a feed and of a delta, with all its oddities, is equal column by column."""
    in_json, in_xml = clients[api_version, "json"], clients[api_version, "xml"]
    for link in ("product", "delta"):
        urls = [getattr(client.listings[CATEGORY], link) for client in (in_json, in_xml)]
        if link == "delta":
            urls = [url.from_version(1) for url in urls]
        expected, found = walked(in_json, urls[0]), walked(in_xml, urls[1])
        assert expected.height > 100
        assert_frame_equal(
            without_control(expected.select(carried)), without_control(found.select(carried))
        )


def test_a_walk_brings_the_same_products_in_both_versions(
    clients: dict[tuple[str, str], Client],
) -> None:
    """What both versions carry is equal, the selling price under its one name."""
    newer, older = (
        walked(clients[version, "xml"], clients[version, "xml"].listings[CATEGORY].product)
        for version in ("v1.1.0", "v0.1.0")
    )
    both = [
        name
        for name in CARRIED_BY_V0
        if name in CARRIED_BY_V1_XML and name not in {"is_available", "currency"}
    ]
    assert "selling_price" in both
    assert_frame_equal(newer.select(both), older.select(both))
    assert older["selling_price"].null_count() < older.height / 10


def test_versions_are_read_in_every_dialect(clients: dict[tuple[str, str], Client]) -> None:
    """A delta feed asked for as it is names the same version in all four."""
    versions = {
        key: DIALECTS[key].decode_version(client.get(str(client.listings[CATEGORY].delta)))
        for key, client in clients.items()
    }
    assert len(set(versions.values())) == 1


def test_best_sellers_are_read_in_both_formats(clients: dict[tuple[str, str], Client]) -> None:
    """Only v1.1.0 lists them; they are one page."""
    found = [
        walked(clients["v1.1.0", extension], clients["v1.1.0", extension].listings[CATEGORY].top)
        for extension in ("json", "xml")
    ]
    assert found[0]["product_id"].to_list() == found[1]["product_id"].to_list()
    assert clients["v0.1.0", "json"].listings[CATEGORY].top is None
    assert clients["v0.1.0", "xml"].listings[CATEGORY].top is None


def unsigned(listings: dict[str, Listing]) -> dict[str, list[str | None]]:
    """Return the paths of the links, whatever their format, by category."""
    return {
        name: [
            re.sub(r"\.(xml|json)$", "", link.path) if link else None
            for link in (one.product, one.delta, one.top)
        ]
        for name, one in listings.items()
    }


def test_directories_list_the_same(clients: dict[tuple[str, str], Client]) -> None:
    """Both formats list the same categories and paths, in the same order, of both versions."""
    for version in ("v1.1.0", "v0.1.0"):
        in_json, in_xml = (unsigned(clients[version, kind].listings) for kind in ("json", "xml"))
        assert list(in_json.items()) == list(in_xml.items())
        assert len(in_json) == 3


def test_what_a_dialect_is() -> None:
    """Four of them, named as `record_source` names them."""
    assert {dialect.name for dialect in DIALECTS.values()} == {
        "v1.1.0 json",
        "v1.1.0 xml",
        "v0.1.0 json",
        "v0.1.0 xml",
    }
    assert DIALECTS["v1.1.0", "json"].carried == CARRIED_BY_V1_JSON
    assert DIALECTS["v0.1.0", "xml"].carried == CARRIED_BY_V0


def test_plain_functions_read_newer_json(clients: dict[tuple[str, str], Client]) -> None:
    """Without a dialect, the functions of `page` and `directory` are those of v1.1.0 in JSON."""
    client = clients["v1.1.0", "json"]
    listing = client.listings[CATEGORY]
    body = client.get(listing.product)
    dialect = DIALECTS["v1.1.0", "json"]
    assert decode_page(body).content_hash == dialect.decode_page(body).content_hash
    version = client.get(str(listing.delta))
    assert decode_version(version) == dialect.decode_version(version)


DIRECTORY = """<ApiDirectory><apiGroups><entry><key>affiliate</key><value><apiListings><entry>
<key>bags &amp; belts</key><value><availableVariants><entry><key>{key}</key>
<value><resourceName>bags</resourceName><get>{get}</get><deltaGet>http://h/d?sig=1</deltaGet></value>
</entry></availableVariants></value></entry></apiListings></value></entry></apiGroups></ApiDirectory>"""
NUMBERS = (
    "<majorVersion>1</majorVersion><minorVersion>1</minorVersion><patchVersion>0</patchVersion>"
)


@pytest.mark.parametrize("key", [NUMBERS, "v1.1.0"])
@pytest.mark.parametrize("ampersand", ["&amp;", "&"])
def test_a_printed_directory(key: str, ampersand: str) -> None:
    """Blanks between elements, and the bare ampersands of the reference's samples, are read."""
    body = DIRECTORY.format(key=key, get=f"http://h/p?expiresAt=1{ampersand}sig=2").encode()
    (listing,) = decode_xml_directory(body).values()
    assert listing.category == "bags & belts"
    assert str(listing.product) == "http://h/p?expiresAt=1&sig=2"
    assert (str(listing.delta), listing.top) == ("http://h/d?sig=1", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"<ApiDirectory/>",
        DIRECTORY.format(key=NUMBERS, get="").encode(),
        DIRECTORY.format(key=NUMBERS, get="not a link").encode(),
        DIRECTORY.format(key="v0.1.0", get="http://h/p").encode(),
        DIRECTORY.format(key=NUMBERS, get="http://h/p").encode()[:-20],
        b'<!DOCTYPE x [<!ENTITY e "x">]>' + DIRECTORY.format(key=NUMBERS, get="http://h").encode(),
    ],
)
def test_what_is_no_directory_is_broken(body: bytes) -> None:
    """An answer that lists nothing of this version is an error to retry."""
    with pytest.raises(PageBrokenError):
        decode_xml_directory(body)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"apiGroups": {}}', b"<ApiDirectory/>"])
def test_what_is_no_json_directory_is_broken(body: bytes) -> None:
    """As is one in the other format."""
    with pytest.raises(PageBrokenError):
        decode_directory(body)
