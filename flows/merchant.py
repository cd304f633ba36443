"""Products as a Google Merchant feed, one item at a time.

The rules are those of Google's product data specification: id to 50 characters, title to 150,
description to 5,000, brand to 70, links to 2,000; a price with two digits and its currency;
`in_stock` or `out_of_stock`. The vendor names no GTIN, so `identifier_exists` is `no`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from html import unescape
from typing import NamedTuple, TextIO
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

NAMESPACE = "http://base.google.com/ns/1.0"

_LONGEST_URL = 2000
_MARKUP = re.compile(r"<[A-Za-z/!][^<>]*>")
# Beside what XML cannot hold: what stands for nothing, or turns the text around.
_NO_TEXT = re.compile(
    "[^\t\n\r -\x7e\xa0-\u200a\u2010-\u2027\u202f-\u2059\u2070-\ud7ff\ue000-\ufefe"
    "\uff00-\ufffc\U00010000-\U0010fffd]+"
)
_SIZE = re.compile(r"(\d+)x(\d+)")
_IN_URL = "%:/?#[]@!$&'()*+,;=~"


class Listed(NamedTuple):
    """What the lake says of a product; the columns of `sql/export/merchant.sql`."""

    product_id: str
    title: str | None
    description: str | None
    brand: str | None
    image_urls: Mapping[str, str] | None
    currency: str | None
    price: Decimal | None
    in_stock: bool | None
    link: str | None


class Item(NamedTuple):
    """One item; the fields are the feed's attributes, and an empty one is left out."""

    id: str
    title: str
    description: str
    link: str
    image_link: str
    availability: str
    price: str
    condition: str
    brand: str
    identifier_exists: str


class Feed:
    """Writes items, and counts the products that cannot be one.

    Attributes:
        count: items written.
        left_out: products that were not, by the reason.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.count = 0
        self.left_out: Counter[str] = Counter()

    def write_xml(self, products: Iterable[Listed], out: TextIO) -> None:
        """Write RSS 2.0 with an item a product."""
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<rss version="2.0" xmlns:g="{NAMESPACE}">\n<channel>\n<title>Products</title>\n'
            "<link>https://www.flipkart.com/</link>\n"
            "<description>Products of the catalogue</description>\n"
        )
        for item in self._items(products):
            fields = (
                f"<g:{name}>{escape(value)}</g:{name}>"
                for name, value in item._asdict().items()
                if value
            )
            out.write(f"<item>{''.join(fields)}</item>\n")
        out.write("</channel>\n</rss>\n")

    def write_tsv(self, products: Iterable[Listed], out: TextIO) -> None:
        """Write a header and a line a product, separated by tabs."""
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(Item._fields)
        writer.writerows(self._items(products))

    def _items(self, products: Iterable[Listed]) -> Iterator[Item]:
        for product in products:
            try:
                yield item(product)
            except LeftOutError as error:
                self.left_out[str(error)] += 1
            else:
                self.count += 1


class LeftOutError(Exception):
    """A product lacks what every item needs; the text says what."""


def item(product: Listed) -> Item:
    """Return the product as an item.

    Raises:
        LeftOutError: it lacks what an item needs.
    """
    title = plain_text(product.title or "", 150)
    return Item(
        id=_needed(_id(product.product_id), "a usable id"),
        title=_needed(title, "a title"),
        description=plain_text(product.description or "", 5000) or title,
        link=_needed(_url(product.link or ""), "a link"),
        image_link=_needed(_image(product.image_urls or {}), "a picture"),
        availability="in_stock" if product.in_stock else "out_of_stock",
        price=_needed(_price(product), "a price"),
        condition="new",
        brand=plain_text(product.brand or "", 70),
        identifier_exists="no",
    )


def plain_text(text: str, longest: int) -> str:
    """Return the text in one line, without markup and what cannot be printed, cut at a word.

    Args:
        text: as listed; it may hold markup and entities.
        longest: characters that are kept.
    """
    said = _NO_TEXT.sub("", unescape(_MARKUP.sub(" ", text)))
    words = " ".join(said.split())
    if len(words) <= longest:
        return words
    kept = words[: longest + 1].rsplit(" ", 1)[0]
    return kept if len(kept) <= longest else words[:longest].rstrip()


def _needed(value: str, what: str) -> str:
    if not value:
        raise LeftOutError(what)
    return value


def _id(product_id: str) -> str:
    return product_id if re.fullmatch(r"[!-~]{1,50}", product_id) else ""


def _price(product: Listed) -> str:
    if not product.price or not re.fullmatch("[A-Z]{3}", product.currency or ""):
        return ""
    return f"{product.price:.2f} {product.currency}"


def _image(urls: Mapping[str, str]) -> str:
    """Return the original picture, else the largest."""
    usable = {size: url for size, one in urls.items() if (url := _url(one))}
    return usable.get("unknown") or usable.get(max(usable, key=_area, default=""), "")


def _area(size: str) -> int:
    found = _SIZE.fullmatch(size)
    return int(found[1]) * int(found[2]) if found else 0


def _url(text: str) -> str:
    """Return the link as a feed takes it, escaped; empty where it is none."""
    url = quote(text.strip(), safe=_IN_URL)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_link = parts.scheme in {"http", "https"} and parts.hostname and len(url) <= _LONGEST_URL
    return url if is_link else ""
