"""Look-ups: one product by its id, and a search by words.

Vendor's reference: `/affiliate/1.0/product.json?id=` answers one record, and
`/affiliate/1.0/search.json?query=&resultCount=` at most ten in a page without `nextUrl`. Neither
is signed. `.xml` serves XML; v0.1.0 spells them `/affiliate/product/json` and so on.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlencode

from feeds.client import Client
from feeds.dialect import V1_JSON, Dialect
from feeds.errors import RequestRefusedError
from feeds.page import Page
from feeds.signed_url import SignedUrl

MOST_RESULTS = 10
"""The vendor answers no more, whatever is asked for."""

_ONE_IN_XML = re.compile(
    rb"<((?:[\w.-]+:)?ProductInfo(V1)?)(?:\s[^>]*)?>(.*)</\1\s*>\s*$", re.DOTALL
)


async def look_up(client: Client, product_id: str, dialect: Dialect = V1_JSON) -> Page | None:
    """Return a page of the one product, or None where the vendor knows none with this id.

    Raises:
        FeedError: the upstream does not answer.
    """
    url = _url(client, dialect, "product", id=product_id)
    try:
        return await client.fetch(url, partial(_decode_product, dialect))
    except RequestRefusedError:
        return None


async def search(
    client: Client, words: str, limit: int = MOST_RESULTS, dialect: Dialect = V1_JSON
) -> Page:
    """Return a page of the products the vendor finds, best first.

    Raises:
        FeedError: the upstream does not answer.
    """
    most = min(limit, MOST_RESULTS)
    url = _url(client, dialect, "search", query=words, resultCount=most)
    return await client.fetch(url, dialect.decode_page)


def _url(client: Client, dialect: Dialect, room: str, **query: str | int) -> SignedUrl:
    is_older = dialect.api_version != V1_JSON.api_version
    path = f"/affiliate/{room}/" if is_older else f"/affiliate/1.0/{room}."
    return SignedUrl(client.origin, path + dialect.extension, urlencode(query))


def _decode_product(dialect: Dialect, body: bytes) -> Page:
    """Read the one record as a page of one: a body that is none makes a broken page."""
    if dialect.extension == "json":
        return dialect.decode_page(b'{"productInfoList":[' + body + b"]}")
    if found := _ONE_IN_XML.search(body):
        root = b"ProductFeedV1" if found[2] else b"ProductFeed"
        record = b"<productInfoList>" + found[3] + b"</productInfoList>"
        body = b"<" + root + b">" + record + b"</" + root + b">"
    return dialect.decode_page(body)
