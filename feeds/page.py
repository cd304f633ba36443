"""One page of a feed: its envelope and its records as a typed frame.

In JSON the envelope is `{nextUrl, validTill, lastProductId, productInfoList}`; since 2018 the list
is called `products`, and a delta's page adds `version` (vendor's reference and captured answers).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import polars as pl

from feeds.errors import PageBrokenError
from feeds.product import v1_json
from feeds.product.rejected import RejectedRecord
from feeds.version import parse_version


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer said.

    Attributes:
        next_url: where the walk goes on, as it came; None where it ends.
        last_product_id: the vendor's word for where the page stops; may be empty.
        version: the version a delta's page names, else None.
        valid_till: until when the page's links hold, in UTC; None where it does not say.
        frame: the records that fit, with the columns of `FRAME_SCHEMA`; and with `record_source`
            where they are of several sources, see `feeds.product.source`.
        rejected: the records that do not.
        byte_count: length of the body.
        content_hash: hex digest of the list of records as it came: the same records give the
            same hash whatever the signatures around them.
        repair_count: how much of an XML answer's markup had to be repaired to read it.
    """

    next_url: str | None
    last_product_id: str | None
    version: int | None
    valid_till: datetime | None
    frame: pl.DataFrame
    rejected: list[RejectedRecord]
    byte_count: int
    content_hash: str
    repair_count: int = 0

    @property
    def record_count(self) -> int:
        """Records in the page, the rejected ones included."""
        return self.frame.height + len(self.rejected)


class _Envelope(msgspec.Struct, rename="camel"):
    next_url: str | None = None
    last_product_id: str | None = None
    valid_till: Any = None
    version: int | float | str | None = None
    products: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    product_info_list: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_LONE_SURROGATE = re.compile(
    r"(?i)((?<!\\)(?:\\\\)*)(?:\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|"
    r"(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2})"
)

_ZERO = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_MAYBE_ZERO = re.compile(rb"\\u0000")

_LIST_BEGINS = re.compile(rb'"(?:products|productInfoList)"\s*:\s*(?=\[)')
_LONGEST_START = 4_096
_IN_ITS_PLACE = msgspec.Raw(b'"the list"')

_envelope = msgspec.json.Decoder(_Envelope)
_Part = Callable[[bytes], tuple[_Envelope, msgspec.Raw]]

DecodeRecords = Callable[[msgspec.Raw], tuple[pl.DataFrame, list[RejectedRecord]]]


def decode_page(body: bytes, decode_records: DecodeRecords = v1_json.decode_records) -> Page:
    """Return the page that a JSON answer holds.

    Args:
        body: the answer.
        decode_records: reads the records of the page's API version.

    Raises:
        PageBrokenError: it is no such page; it may be one when asked for again.
    """
    try:
        try:
            return _page(body, decode_records, _quickly_parted)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _page(_readable(body), decode_records, _parted)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PageBrokenError(f"a page cannot be read ({error}); try again later") from error


def _page(body: bytes, decode_records: DecodeRecords, part: _Part) -> Page:
    envelope, records = part(without_zeros(body))
    frame, rejected = decode_records(records)
    return Page(
        next_url=next_url(envelope.next_url),
        last_product_id=envelope.last_product_id,
        version=None if envelope.version is None else parse_version(envelope.version),
        valid_till=valid_till(envelope.valid_till),
        frame=frame,
        rejected=rejected,
        byte_count=len(body),
        content_hash=content_hash([records]),
    )


def content_hash(records: Iterable[bytes | msgspec.Raw]) -> str:
    """Return the hex digest of a page's records; 32 digits tell any two pages apart."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(record)
    return digest.hexdigest()[:32]


def next_url(url: str | None) -> str | None:
    """Return the link to the page after this one; None for every way to say that there is none."""
    return None if url is None or url.strip() in {"", "null"} else url


def valid_till(said: Any) -> datetime | None:
    """Return the time that `validTill` says: epoch milliseconds in JSON, ISO 8601 in XML."""
    try:
        if isinstance(said, str) and not said.strip().isdecimal():
            read = datetime.fromisoformat(said.strip())
            return read.astimezone(UTC) if read.tzinfo else None
        return datetime.fromtimestamp(int(said) / 1000, tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def decode_version(body: bytes) -> int:
    """Return the current version of a category from a delta feed asked for as it is.

    Raises:
        PageBrokenError: the answer names none.
    """
    try:
        return parse_version(_envelope.decode(body).version)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PageBrokenError(f"a version cannot be read ({error}); try again later") from error


def without_zeros(body: bytes) -> bytes:
    """Replace the character zero: the lake's catalogue would end a text there, and fail."""
    # A pattern finds that there is none in half the time that `in` takes.
    return _ZERO.sub(rb"\1\\ufffd", body) if _MAYBE_ZERO.search(body) else body


def _readable(body: bytes) -> bytes:
    """Replace what no text can hold: bytes that are not UTF-8, and halves of a surrogate pair."""
    return _LONE_SURROGATE.sub(r"\1\\ufffd", body.decode("utf-8", "replace")).encode()


def _parted(body: bytes) -> tuple[_Envelope, msgspec.Raw]:
    """Return the envelope, and the list in it."""
    envelope = _envelope.decode(body)
    return envelope, _records(envelope)


def _quickly_parted(body: bytes) -> tuple[_Envelope, msgspec.Raw]:
    """Do the same without reading through the list, nearly all of a page, to find where it ends.

    It is taken to end at the last bracket, and the rest is read as it were with a word in its
    place. Where both are JSON, so is the page; what is wrong with the list shows when it is read.
    """
    if begins := _LIST_BEGINS.search(body, 0, _LONGEST_START):
        start, end = begins.end(), body.rfind(b"]") + 1
        with suppress(msgspec.DecodeError, PageBrokenError):
            envelope = _envelope.decode(b"%b%b%b" % (body[:start], _IN_ITS_PLACE, body[end:]))
            if _records(envelope) == _IN_ITS_PLACE:
                return envelope, msgspec.Raw(memoryview(body)[start:end])
    return _parted(body)


def _records(envelope: _Envelope) -> msgspec.Raw:
    for records in (envelope.products, envelope.product_info_list):
        if records is not msgspec.UNSET:
            return records
    raise PageBrokenError("a page has no list of products; try again later")
