"""A page as bytes: a head that is new for every request, and a body that is kept.

The head holds what is signed anew each time, `nextUrl` and `validTill`, and a delta's `version`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from feeds.sandbox.catalogue import Record
from feeds.sandbox.traits import Traits


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


def json_head(head: Head, traits: Traits) -> bytes:
    """The start of a JSON page, up to and including the comma after its last field."""
    fields = []
    if (link := _next_link(head, traits)) is not None:
        fields.append(f'"nextUrl":{link}')
    fields.append(f'"validTill":{head.valid_till}')
    if head.version is not None:
        fields.append(f'"version":{spelled_version(head.version, traits, quoted=True)}')
    return f"{{{','.join(fields)},".encode()


def json_body(records: Sequence[Record], last_id: str, list_key: str) -> bytes:
    """The rest of a JSON page."""
    listed = b",".join(orjson.dumps(record) for record in records)
    return b'"lastProductId":%b,"%b":[%b]}' % (orjson.dumps(last_id), list_key.encode(), listed)


def spelled_version(version: int, traits: Traits, *, quoted: bool = False) -> str:
    """A delta's version the way its category spells it; in JSON a text needs its quotes."""
    if traits.version == "float":
        return f"{version}.0"
    if traits.version == "java":
        return _java_double(version)
    return f'"{version}"' if quoted and traits.version == "text" else str(version)


def _java_double(number: int) -> str:
    """A number as Java prints a double: in scientific notation from ten million on."""
    digits = str(number)
    if len(digits) < 8:  # noqa: PLR2004 - Java's limit
        return f"{digits}.0"
    return f"{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"


def _next_link(head: Head, traits: Traits) -> str | None:
    if head.next_url is not None:
        return f'"{head.next_url}"'
    return {"absent": None, "null": "null", "empty": '""', "text": '"null"'}[traits.end]
