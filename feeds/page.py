"""One page of a feed: its envelope and its records as a typed frame.

In JSON the envelope is `{nextUrl, validTill, lastProductId, productInfoList}`; since 2018 the list
is called `products`, and a delta's page adds `version` (vendor's reference and captured answers).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import polars as pl

from feeds.errors import PageBrokenError
from feeds.json_text import as_utf8, members, mended, read, without_zeros
from feeds.page_cut import IN_ITS_PLACE, LIST_BEGINS, CutPage, cut
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
        repair_count: how much of the answer had to be mended to read it.
        damaged_count: how many of the rejected records are no JSON, or no XML.
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
    damaged_count: int = 0

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


_LONGEST_START = 4_096
_NAMES = re.compile(rb'"(nextUrl|validTill|lastProductId|version|products|productInfoList)"\s*:')
_LEADS_ON = {"nextUrl", "version"}
_LISTS = {"products", "productInfoList"}
_BOTH = {name.encode() for name in _LISTS}
_EMPTY_LIST = re.compile(rb"null|\[\s*\]")

_envelope = msgspec.json.Decoder(_Envelope)
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
            parted = _quickly_parted(without_zeros(body))
            return _page(parted, decode_records, len(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _mended_page(body, decode_records)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PageBrokenError(f"a page cannot be read ({error}); try again later") from error


def _mended_page(body: bytes, decode_records: DecodeRecords) -> Page:
    """Return a page that is no JSON: mended as a whole, or else record by record."""
    plain = as_utf8(body)
    try:
        whole, repairs = mended(plain)
        parted = _parted(without_zeros(whole))
        return _page(parted, decode_records, len(body), repair_count=repairs)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        page = cut(plain)
        if page is None:
            raise
    return _page_of_pieces(page, decode_records, len(body))


def _page_of_pieces(page: CutPage, decode_records: DecodeRecords, byte_count: int) -> Page:
    envelope, placed = _parted(without_zeros(page.envelope))
    if bytes(placed) != IN_ITS_PLACE:
        raise PageBrokenError("a page has no list of products; try again later")
    parted = envelope, msgspec.Raw(without_zeros(page.whole_list))
    made = _page(parted, decode_records, byte_count, repair_count=page.repair_count)
    return replace(
        made,
        rejected=[_as_it_came(one, page) for one in made.rejected],
        content_hash=content_hash([page.as_came]),
        damaged_count=len(page.damaged),
    )


def _as_it_came(one: RejectedRecord, page: CutPage) -> RejectedRecord:
    if one.record_number not in page.damaged:
        return one
    raw, detail = page.damaged[one.record_number]
    return RejectedRecord.of("not_a_record", detail, one.record_number, raw)


def _page(
    parted: tuple[_Envelope, msgspec.Raw],
    decode_records: DecodeRecords,
    byte_count: int,
    repair_count: int = 0,
) -> Page:
    envelope, records = parted
    frame, rejected = decode_records(records)
    return Page(
        next_url=next_url(envelope.next_url),
        last_product_id=envelope.last_product_id,
        version=None if envelope.version is None else parse_version(envelope.version),
        valid_till=valid_till(envelope.valid_till),
        frame=frame,
        rejected=rejected,
        byte_count=byte_count,
        content_hash=content_hash([records]),
        repair_count=repair_count,
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
        try:
            return read(body, _version)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            page = cut(as_utf8(body))
            if page is None:
                raise
            return _version(page.envelope)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PageBrokenError(f"a version cannot be read ({error}); try again later") from error


def _version(body: bytes) -> int:
    return parse_version(_read_envelope(body)[0].version)


def _read_envelope(body: bytes) -> tuple[_Envelope, list[bytes]]:
    """Return the envelope, and every list of records in it as it stands.

    Raises:
        PageBrokenError: it says two things of where the walk goes on.
    """
    envelope = _envelope.decode(body)
    names = _NAMES.findall(body)
    if len(names) == len(set(names)) and not set(names) >= _BOTH:
        both = (envelope.products, envelope.product_info_list)
        return envelope, [bytes(one) for one in both if one is not msgspec.UNSET]
    lists: list[bytes] = []
    values: dict[str, bytes] = {}
    for name, value in members(body):
        if name in _LISTS:
            lists.append(value)
        elif values.setdefault(name, value) != value and name in _LEADS_ON:
            raise PageBrokenError(f"a page says two things of its {name}; try again later")
    return envelope, lists


def _parted(body: bytes) -> tuple[_Envelope, msgspec.Raw]:
    """Return the envelope, and the list in it.

    Raises:
        PageBrokenError: it has no list, or two that differ.
    """
    envelope, lists = _read_envelope(body)
    return envelope, msgspec.Raw(_full_list(lists))


def _full_list(lists: Sequence[bytes]) -> bytes:
    """Return the list that has records: it may stand beside an empty one of the other name."""
    if not lists:
        raise PageBrokenError("a page has no list of products; try again later")
    full = [one for one in lists if not _EMPTY_LIST.fullmatch(one)]
    if any(not _is_same(full[0], other) for other in full[1:]):
        raise PageBrokenError("a page has two lists of products that differ; try again later")
    return (full or lists)[0]


def _is_same(one: bytes, other: bytes) -> bool:
    return one == other or msgspec.json.decode(one) == msgspec.json.decode(other)


def _quickly_parted(body: bytes) -> tuple[_Envelope, msgspec.Raw]:
    """Do the same without reading through the list, nearly all of a page, to find where it ends.

    It is taken to end at the last bracket, and the rest is read as it were with a word in its
    place. Where both are JSON, so is the page; what is wrong with the list shows when it is read.
    Where the rest says anything twice, or has two lists, each of them is looked at.
    """
    if begins := LIST_BEGINS.search(body, 0, _LONGEST_START):
        start, end = begins.end(), body.rfind(b"]") + 1
        around = b"%b%b%b" % (body[:start], IN_ITS_PLACE, body[end:])
        names = _NAMES.findall(around)
        with suppress(msgspec.DecodeError):
            envelope = _envelope.decode(around)
            if len(names) == len(set(names)) and _only_list(envelope) == IN_ITS_PLACE:
                return envelope, msgspec.Raw(memoryview(body)[start:end])
    return _parted(body)


def _only_list(envelope: _Envelope) -> bytes | None:
    both = (envelope.products, envelope.product_info_list)
    full = [bytes(one) for one in both if one is not msgspec.UNSET]
    full = [one for one in full if one != b"null"]
    return full[0] if len(full) == 1 else None
