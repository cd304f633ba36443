"""Look-ups: one product by its id, and a search by words.

Vendor's reference: `/affiliate/1.0/product.json?id=` answers one record, and
`/affiliate/1.0/search.json?query=&resultCount=` at most ten in a page without `nextUrl`. Neither
is signed.
"""

from __future__ import annotations

from urllib.parse import urlencode

from feeds.client import Client
from feeds.errors import RequestRefusedError
from feeds.page import Page, decode_page
from feeds.signed_url import SignedUrl

MOST_RESULTS = 10
"""The vendor answers no more, whatever is asked for."""


async def look_up(client: Client, product_id: str) -> Page | None:
    """Return a page of the one product, or None where the vendor knows none with this id.

    Raises:
        FeedError: the upstream does not answer.
    """
    url = _url(client, "product", id=product_id)
    try:
        return await client.fetch(url, _decode_product)
    except RequestRefusedError:
        return None


async def search(client: Client, words: str, limit: int = MOST_RESULTS) -> Page:
    """Return a page of the products the vendor finds, best first.

    Raises:
        FeedError: the upstream does not answer.
    """
    url = _url(client, "search", query=words, resultCount=min(limit, MOST_RESULTS))
    return await client.fetch(url, decode_page)


def _url(client: Client, room: str, **query: str | int) -> SignedUrl:
    return SignedUrl(client.origin, f"/affiliate/1.0/{room}.json", urlencode(query))


def _decode_product(body: bytes) -> Page:
    """Read the one record as a page of one: a body that is none makes a broken page."""
    return decode_page(b'{"products":[' + body + b"]}")
