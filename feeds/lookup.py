"""Look-ups: one product by its id, and a search by words.

Vendor's reference: `/affiliate/1.0/product.json?id=` answers one record, and
`/affiliate/1.0/search.json?query=&resultCount=` at most ten in a page without `nextUrl`. Neither
is signed. `.xml` serves XML; v0.1.0 spells them `/affiliate/product/json` and so on.
"""

from __future__ import annotations

import codecs
import re
from urllib.parse import urlencode

import httpx
import msgspec

from feeds.client import Client
from feeds.dialect import DIALECTS, V1_JSON, Dialect
from feeds.errors import OtherProductError, PageBrokenError, RequestRefusedError
from feeds.invisible import stripped
from feeds.page import Page
from feeds.page_markup import read_markup
from feeds.product.rejected import RejectedRecord
from feeds.signed_url import SignedUrl

MOST_RESULTS = 10
"""The vendor answers no more, whatever is asked for."""

_ONE_IN_XML = re.compile(
    rb"<((?:[\w.-]+:)?ProductInfo(V1)?)(?:\s[^>]*)?>(.*)</\1\s*>\s*$", re.DOTALL
)
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_JSON_LIST = re.compile(rb'"(?:products|productInfoList)"\s*:')
_JSON_RECORD = b'"productBaseInfo'
_NO_RECORD = {"no_product_id", "not_a_record"}
_UNKNOWN = {httpx.codes.NO_CONTENT, httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND}


async def look_up(client: Client, product_id: str, dialect: Dialect = V1_JSON) -> Page | None:
    """Return a page of the one product, or None where the vendor knows none with this id.

    That it knows none it says with a status, or with 200 and something else than a record. The
    latter is believed only when it is answered again: an outage looks the same.

    Raises:
        OtherProductError: the answer is a record of another product.
        FeedError: the upstream does not answer.
    """
    url = _url(client, dialect, "product", id=product_id)
    page = await _known(client, url, dialect)
    ids = [] if page is None else page.frame["product_id"].to_list()
    other = next((one for one in ids if not is_same_id(one, product_id)), None)
    if other is not None:
        raise OtherProductError(product_id, other)
    return page


async def search(
    client: Client, words: str, limit: int = MOST_RESULTS, dialect: Dialect = V1_JSON
) -> Page | None:
    """Return a page of the products the vendor finds, best first; None where it finds none.

    Raises:
        FeedError: the upstream does not answer.
    """
    most = min(limit, MOST_RESULTS)
    url = _url(client, dialect, "search", query=words, resultCount=most)
    return await _known(client, url, dialect)


def is_same_id(one: str, other: str) -> bool:
    """Return whether two ids mean one product: blanks around them and case do not count."""
    return stripped(one).casefold() == stripped(other).casefold()


def _url(client: Client, dialect: Dialect, room: str, **query: str | int) -> SignedUrl:
    is_older = dialect.api_version != V1_JSON.api_version
    path = f"/affiliate/{room}/" if is_older else f"/affiliate/1.0/{room}."
    # What was typed may hold bytes that are no text: they are sent as they are.
    asked = urlencode(query, errors="surrogateescape")
    return SignedUrl(client.origin, path + dialect.extension, asked)


async def _known(client: Client, url: SignedUrl, dialect: Dialect) -> Page | None:
    doubts = 1

    def decode(body: bytes) -> Page | None:
        nonlocal doubts
        page = _decode(dialect, body)
        if page is None and doubts:
            doubts -= 1
            raise PageBrokenError("a look-up names no product; try again later")
        return page

    try:
        return await client.fetch(url, decode)
    except RequestRefusedError as error:
        if error.status in _UNKNOWN:
            return None
        raise


def _decode(dialect: Dialect, body: bytes) -> Page | None:
    """Read what a look-up answered as a page; None where it holds no record at all.

    Raises:
        PageBrokenError: it is no answer to a look-up, such as the web page of a maintenance.
    """
    body = body.removeprefix(codecs.BOM_UTF8).strip()
    if not body:
        return None
    is_json = _is_json(body)
    # Who knows no such product may say so in JSON, though XML was asked for.
    if is_json or dialect.extension == "json":
        page = DIALECTS[dialect.api_version, "json"].decode_page(_json_page(body))
        if not _is_empty(page) and dialect.extension == "json":
            return page
        if not is_json:
            raise PageBrokenError("a look-up was answered with no record; try again later")
        if _is_empty(page):
            return None
    if _is_other_xml(body):
        return None
    page = dialect.decode_page(_xml_page(body))
    return None if _is_empty(page) else page


def _is_empty(page: Page) -> bool:
    """Return whether there is no record in a page, nor anything that was to be one."""
    return page.frame.is_empty() and not any(map(_is_record, page.rejected))


def _is_record(rejected: RejectedRecord) -> bool:
    return rejected.product_id is not None or rejected.reason not in _NO_RECORD


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _json_page(body: bytes) -> bytes:
    """Return an answer as a page: it may be a record, a list of records, or a page."""
    if body.startswith(b"["):
        return b'{"productInfoList":' + body + b"}"
    if _JSON_LIST.search(body.partition(_JSON_RECORD)[0]):
        return body
    return b'{"productInfoList":[' + body + b"]}"


def _xml_page(body: bytes) -> bytes:
    """Return an answer as a page: it may be a record."""
    found = _ONE_IN_XML.search(body)
    if found is None:
        return body
    root = b"ProductFeedV1" if found[2] else b"ProductFeed"
    record = b"<productInfoList>" + found[3] + b"</productInfoList>"
    return b"<" + root + b">" + record + b"</" + root + b">"


def _is_other_xml(body: bytes) -> bool:
    """Return whether an answer is well-formed, and neither a page, a record nor a web page."""
    root = _XML_ROOT.search(body)
    is_known = _ONE_IN_XML.search(body) or (
        root and (b"Feed" in root[1] or root[1].lower() == b"html")
    )
    return not is_known and read_markup(body).is_well_formed
