"""A page as bytes: a body that is kept, and a head that is new for every request.

The head holds what is signed anew each time, `nextUrl` and `validTill`, and a delta's `version`. In
captured XML all of it stands in alphabetical order, so that the list is in the middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import orjson

from feeds.sandbox.catalogue import Record
from feeds.sandbox.form import Form
from feeds.sandbox.markup import Markup
from feeds.sandbox.older import older
from feeds.sandbox.traits import Traits

Room = Literal["feeds", "deltaFeeds", "topFeeds", "booksFeeds"]
"""The part of a link's path that says what kind of page it leads to."""

_INDIA = timezone(timedelta(hours=5, minutes=30))
_ENDS = {"absent": None, "null": None, "empty": "", "text": "null"}


@dataclass(frozen=True, slots=True)
class Head:
    """What is new in a page for every request.

    Attributes:
        next_url: The next page's link, None after the last page.
        valid_till: Epoch milliseconds.
        version: A delta's version, None in other answers.
    """

    next_url: str | None
    valid_till: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """Writes the pages of one kind in one form.

    Attributes:
        form: The API version and the format.
        room: The kind of page.
        list_key: What a JSON page calls its list.
        markup: How XML is laid out.
    """

    form: Form
    room: Room
    list_key: str
    markup: Markup

    def body(self, records: Sequence[Record], last_id: str) -> bytes:
        """Return what is kept of a page: the id of its last product, and its products."""
        list_key = self.list_key
        if self.form.api == "v0.1.0":
            # What v0.1.0 calls its list never changed.
            records, list_key = [older(record) for record in records], "productInfoList"
        if self.form.format == "xml":
            last = self.markup.element("lastProductId", last_id)
            return f"{last}{listed(self.markup, list_key, records)}".encode()
        joined = b",".join(orjson.dumps(record) for record in records)
        return b'"lastProductId":%b,"%b":[%b]}' % (orjson.dumps(last_id), list_key.encode(), joined)

    def page(self, head: Head, traits: Traits, body: bytes) -> bytes:
        """Return a whole page: what is new for every request around what is kept."""
        if self.form.format == "xml":
            return self._xml_page(head, traits, body.decode())
        return _json_head(head, traits) + body

    def _xml_page(self, head: Head, traits: Traits, body: str) -> bytes:
        till = datetime.fromtimestamp(head.valid_till / 1000, UTC).astimezone(_INDIA)
        version = None if head.version is None else spelled_version(head.version, traits)
        fields = {
            "nextUrl": head.next_url or _ENDS[traits.end],
            "validTill": till.isoformat(timespec="milliseconds"),
            "version": version,
        }
        link, *others = (self.markup.element(name, value) for name, value in fields.items())
        last, end, products = body.partition("</lastProductId>")
        content = f"{last}{end}{link}{products}{''.join(others)}"
        if self.markup.layout == "reference":
            content = f"{link}{''.join(others)}{body}"
        return self.markup.around(_root(self.form, self.room), content).encode()


def listed(markup: Markup, list_key: str, records: Sequence[Record]) -> str:
    """Return records as a page or a search lists them in XML."""
    if markup.layout == "captured":
        return markup.element("products", {"productInfoList": list(records)})
    return markup.element(list_key, list(records))


def spelled_version(version: int, traits: Traits, *, quoted: bool = False) -> str:
    """A delta's version the way its category spells it; in JSON a text needs its quotes."""
    if traits.version == "float":
        return f"{version}.0"
    if traits.version == "java":
        return _java_double(version)
    return f'"{version}"' if quoted and traits.version == "text" else str(version)


def _json_head(head: Head, traits: Traits) -> bytes:
    fields = []
    if head.next_url is not None or traits.end != "absent":
        fields.append(b'"nextUrl":' + orjson.dumps(head.next_url or _ENDS[traits.end]))
    fields.append(b'"validTill":%d' % head.valid_till)
    if head.version is not None:
        version = spelled_version(head.version, traits, quoted=True)
        fields.append(b'"version":' + version.encode())
    return b"{%b," % b",".join(fields)


def _root(form: Form, room: Room) -> str:
    if room == "deltaFeeds":
        return "DeltaFeed"
    return "ProductFeed" if form.api == "v0.1.0" else "ProductFeedV1"


def _java_double(number: int) -> str:
    """A number as Java prints a double: in scientific notation from ten million on."""
    digits = str(number)
    if len(digits) < 8:  # noqa: PLR2004 - Java's limit
        return f"{digits}.0"
    return f"{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"
