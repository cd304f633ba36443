"""A page as bytes: a head that is new for every request, and a body that is kept.

The head holds what is signed anew each time, `nextUrl` and `validTill`, and a delta's `version`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import orjson

from feeds.sandbox.catalogue import Record
from feeds.sandbox.form import Form
from feeds.sandbox.markup import DECLARATION, element
from feeds.sandbox.older import older
from feeds.sandbox.traits import Traits

Room = Literal["feeds", "deltaFeeds", "topFeeds", "booksFeeds"]
"""The part of a link's path that says what kind of page it leads to."""

_INDIA = timezone(timedelta(hours=5, minutes=30))
_ENDS = {"absent": None, "null": None, "empty": "", "text": "null"}


@dataclass(frozen=True, slots=True)
class Head:
    """What comes first in a page.

    Attributes:
        next_url: The next page's link, None after the last page.
        valid_till: Epoch milliseconds.
        version: A delta's version, None in other answers.
    """

    next_url: str | None
    valid_till: int
    version: int | None = None


def head(form: Form, room: Room, said: Head, traits: Traits) -> bytes:
    """The start of a page, up to where its body goes on."""
    if form.format == "xml":
        return _xml_head(_root(form, room), said, traits)
    return _json_head(said, traits)


def body(form: Form, room: Room, list_key: str, records: Sequence[Record], last_id: str) -> bytes:
    """The rest of a page: the id of its last product, and its products."""
    if form.api == "v0.1.0":
        # What v0.1.0 calls its list never changed.
        records, list_key = [older(record) for record in records], "productInfoList"
    if form.format == "xml":
        listed = "".join(element(list_key, record) for record in records)
        return f"{element('lastProductId', last_id)}{listed}</{_root(form, room)}>".encode()
    joined = b",".join(orjson.dumps(record) for record in records)
    return b'"lastProductId":%b,"%b":[%b]}' % (orjson.dumps(last_id), list_key.encode(), joined)


def spelled_version(version: int, traits: Traits, *, quoted: bool = False) -> str:
    """A delta's version the way its category spells it; in JSON a text needs its quotes."""
    if traits.version == "float":
        return f"{version}.0"
    if traits.version == "java":
        return _java_double(version)
    return f'"{version}"' if quoted and traits.version == "text" else str(version)


def _json_head(said: Head, traits: Traits) -> bytes:
    fields = []
    if said.next_url is not None or traits.end != "absent":
        fields.append(b'"nextUrl":' + orjson.dumps(said.next_url or _ENDS[traits.end]))
    fields.append(b'"validTill":%d' % said.valid_till)
    if said.version is not None:
        version = spelled_version(said.version, traits, quoted=True)
        fields.append(b'"version":' + version.encode())
    return b"{%b," % b",".join(fields)


def _xml_head(root: str, said: Head, traits: Traits) -> bytes:
    till = datetime.fromtimestamp(said.valid_till / 1000, UTC).astimezone(_INDIA)
    version = None if said.version is None else spelled_version(said.version, traits)
    fields = {
        "nextUrl": said.next_url or _ENDS[traits.end],
        "validTill": till.isoformat(timespec="milliseconds"),
        "version": version,
    }
    start = "".join(element(name, value) for name, value in fields.items())
    return DECLARATION + f"<{root}>{start}".encode()


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
