"""One page of a feed in XML.

The envelope's root is `ProductFeedV1`, `ProductFeed` or `DeltaFeed`; in it stand `nextUrl`,
`validTill`, `lastProductId`, a delta's `version`, and every record as an element of its own
(vendor's reference). Records are cut out as bytes and read by `feeds.product`; what is left is
the envelope, and must be certain, however broken a record is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
from lxml import etree

from feeds.errors import PageBrokenError
from feeds.page import Page, content_hash, next_url, valid_till
from feeds.page_markup import mended, parsed, read_markup
from feeds.page_tags import ENVELOPE_NAMES, RECORD_NAMES, matched
from feeds.product.rejected import RejectedRecord
from feeds.product.xml_parser import Element, local_name
from feeds.version import parse_version

DecodeRecords = Callable[[Sequence[bytes]], tuple[pl.DataFrame, list[RejectedRecord]]]

_ROOT = re.compile(r"\w*Feed(?:V[0-9]+)?")
_AFTER_NAME = (b" ", b"\t", b"\r", b"\n", b"/", b">")


@dataclass(frozen=True, slots=True)
class _Document:
    """An answer taken apart.

    Attributes:
        envelope: texts of the page's own elements, by name.
        records: each record's element, repaired.
        as_came: the same before the repairs.
        repair_count: how much had to be repaired to read it.
    """

    envelope: dict[str, str]
    records: list[bytes]
    as_came: list[bytes]
    repair_count: int


def decode_page(body: bytes, decode_records: DecodeRecords) -> Page:
    """Return the page that an XML answer holds.

    Args:
        body: the answer.
        decode_records: reads the records of the page's API version.

    Raises:
        PageBrokenError: it is no such page, or too broken to be sure where it leads; it may be
            one when asked for again.
    """
    document = _document(body)
    frame, rejected = decode_records(document.records)
    version = document.envelope.get("version")
    return Page(
        next_url=next_url(document.envelope.get("nextUrl")),
        last_product_id=document.envelope.get("lastProductId"),
        version=parse_version(version) if version else None,
        valid_till=valid_till(document.envelope.get("validTill")),
        frame=frame,
        rejected=[_as_it_came(one, document) for one in rejected],
        byte_count=len(body),
        content_hash=content_hash(document.as_came),
        repair_count=document.repair_count,
    )


def decode_version(body: bytes) -> int:
    """Return the current version of a category from a delta feed asked for as it is.

    Raises:
        PageBrokenError: the answer names none.
    """
    return parse_version(_document(body).envelope.get("version"))


def _document(body: bytes) -> _Document:
    markup = read_markup(body)
    text, repairs = (markup.body, 0) if markup.is_well_formed else _repaired(markup.body)
    rest, records = _cut(text)
    envelope = _envelope(parsed(rest), records)
    return _Document(
        envelope, records, _as_came(markup.body, records) if repairs else records, repairs
    )


def _repaired(body: bytes) -> tuple[bytes, int]:
    """Repair what is between the tags, and the tags only where that is not enough."""
    markup, repairs = mended(body)
    if markup.is_well_formed:
        return markup.body, repairs
    text, tag_repairs = matched(markup.body.decode())
    return text.encode(), repairs + tag_repairs


def _cut(body: bytes) -> tuple[bytes, list[bytes]]:
    """Take the records out of a page; return the rest, and the records.

    Raises:
        PageBrokenError: a record does not end.
    """
    name = next((name for name in RECORD_NAMES if b"<" + name.encode() in body), RECORD_NAMES[0])
    opening, closing = f"<{name}".encode(), f"</{name}".encode()
    usual = opening + b">"
    rest: list[bytes] = []
    records: list[bytes] = []
    kept = position = 0
    while True:
        # One record after the other is the rule: only elsewhere is there something to look for.
        start = position if body.startswith(usual, position) else body.find(opening, position)
        if start < 0:
            return b"".join([*rest, body[kept:]]), records
        position = start + len(opening)
        if not body.startswith(_AFTER_NAME, position):
            continue  # a longer name
        inside = body.find(b">", position) + 1
        if body.startswith(closing, inside) or body[inside - 2 : inside - 1] == b"/":
            continue  # how some serialisers spell an empty list
        closed = body.find(closing, inside)
        if closed < 0:
            raise PageBrokenError("a record of a page does not end; try again later")
        end = body.find(b">", closed) + 1
        if start > kept:
            rest.append(body[kept:start])
        records.append(body[start:end])
        kept = position = end


def _envelope(root: Element, records: list[bytes]) -> dict[str, str]:
    if not _ROOT.fullmatch(local_name(root)):
        raise PageBrokenError(f"an answer is no page but {local_name(root)!r}; try again later")
    named = [(local_name(one), one.text or "") for one in root.iterchildren(etree.Element)]
    found = {name: text for name, text in named if name in ENVELOPE_NAMES}
    if len(found) < sum(name in ENVELOPE_NAMES for name, _ in named):
        raise PageBrokenError("a page says something about itself twice; try again later")
    if not (found or records or any(name in RECORD_NAMES for name, _ in named)):
        raise PageBrokenError("a page says nothing at all; try again later")
    return found


def _as_it_came(one: RejectedRecord, document: _Document) -> RejectedRecord:
    raw = document.as_came[one.record_number]
    return RejectedRecord.of(one.reason, one.detail, one.record_number, raw)


def _as_came(body: bytes, records: list[bytes]) -> list[bytes]:
    """Return the records as they were before the repairs, where they can be told apart."""
    try:
        _, as_came = _cut(body)
    except PageBrokenError:
        return records
    return as_came if len(as_came) == len(records) else records
