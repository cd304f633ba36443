"""One page of a feed in XML.

The envelope's root is `ProductFeedV1`, `ProductFeed`, `DeltaFeed` or `ProductSearchFeed`; in it
stand `nextUrl`, `validTill`, `lastProductId`, a delta's `version`, and every record as an element
of its own. Records are cut out as bytes and read by `feeds.product`; what is left is the envelope,
and must be certain, however broken a record is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import polars as pl
from lxml import etree

from feeds.errors import PageBrokenError
from feeds.page import Page, content_hash, next_url, valid_till
from feeds.page_markup import Markup, mended, parsed, read_markup
from feeds.page_xml_cut import ENVELOPE_NAMES, Cut, cut, cut_usual, is_well_formed
from feeds.product.rejected import RejectedRecord
from feeds.product.xml_parser import Element, local_name
from feeds.version import parse_version

_MENDED_ID = re.compile(rb"<productId>[^<&]*+&[^<]*+")
"""No id holds such a sign. Of a record that had to be mended, it would be a product's that there
is not, so the record has none."""

DecodeRecords = Callable[[Sequence[bytes]], tuple[pl.DataFrame, list[RejectedRecord]]]


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
    markup = read_markup(body)
    document = _document(markup)
    frame, rejected = decode_records(document.records)
    if markup.is_plain and _damaged(rejected):
        # CDATA may hold what looks like the tags of a record.
        document = _careful_document(markup)
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
        damaged_count=_damaged(rejected),
    )


def decode_version(body: bytes) -> int:
    """Return the current version of a category from a delta feed asked for as it is.

    Raises:
        PageBrokenError: the answer names none.
    """
    return parse_version(_document(read_markup(body)).envelope.get("version"))


def _damaged(rejected: Sequence[RejectedRecord]) -> int:
    return sum(one.reason == "not_a_record" for one in rejected)


def _document(markup: Markup) -> _Document:
    if markup.is_plain and (usual := cut_usual(markup.body)):
        with suppress(PageBrokenError):  # it may be the cut that broke it
            return _Document(_envelope(parsed(usual.rest), usual), usual.records, usual.records, 0)
    return _careful_document(markup)


def _careful_document(markup: Markup) -> _Document:
    parts = cut(markup.body, is_well_formed=markup.is_well_formed)
    if markup.is_well_formed:
        return _Document(_envelope(parsed(parts.rest), parts), parts.records, parts.records, 0)
    rest, *records = (_mended(one) for one in (parts.rest, *parts.records))
    return _Document(
        envelope=_envelope(parsed(rest[0]), parts),
        records=[raw for raw, _ in records],
        as_came=parts.records,
        repair_count=parts.repair_count + sum(count for _, count in (rest, *records)),
    )


def _mended(raw: bytes) -> tuple[bytes, int]:
    """Return a part of a page repaired between its tags, and how often, where that is enough."""
    if is_well_formed(raw):
        return raw, 0
    body, count = mended(raw)
    body = _MENDED_ID.sub(b"<productId>", body)
    return (body, count) if is_well_formed(body) else (raw, 0)


def _envelope(root: Element, parts: Cut) -> dict[str, str]:
    named = [(local_name(one), one.text or "") for one in root.iterchildren(etree.Element)]
    found = {name: text for name, text in named if name in ENVELOPE_NAMES}
    if len(found) < sum(name in ENVELOPE_NAMES for name, _ in named):
        raise PageBrokenError("a page says something about itself twice; try again later")
    if not (found or parts.has_list):
        raise PageBrokenError("a page says nothing at all; try again later")
    return found


def _as_it_came(one: RejectedRecord, document: _Document) -> RejectedRecord:
    raw = document.as_came[one.record_number]
    return RejectedRecord.of(one.reason, one.detail, one.record_number, raw)
