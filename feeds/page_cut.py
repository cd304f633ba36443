"""A JSON page that is no JSON, cut into its records.

A quote that was not escaped turns texts and what is between them around, up to the next such
quote, so brackets tell nothing. What a record begins with does: `{"productBaseInfoV1":` and its
like stand nowhere else, as a quote inside a text is escaped in JSON. A page is cut there, and each
piece is read by itself. A piece that is no JSON is a damaged record.

What is around the list must be certain, since it says where the walk goes on:

* It is JSON, before the list and behind it.
* No damaged piece holds one of its names.
* Where the last record is damaged, only members of an envelope stand behind the list, and the
  brackets of that record are balanced: the square ones at least, and the others too where nothing
  stands behind the list. Else the answer may have been cut off in the middle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from feeds.json_text import first_end, mended

LIST_BEGINS = re.compile(rb'"(?:products|productInfoList)"\s*:\s*(?=\[)')

IN_ITS_PLACE = b'"the list"'
"""What stands for the list where only the envelope is read."""

_MOST_RECORDS = 10_000
"""Records of a page that is cut; the vendor's pages have 500."""

_LONGEST_END = 16_384
"""Bytes of a page that may stand behind its list."""

_NAMES = (
    b"productBaseInfoV1",
    b"productShippingInfoV1",
    b"categorySpecificInfoV1",
    b"productBaseInfo",
    b"productShippingBaseInfo",
    b"offset",
)
"""What a record of either API version begins with."""

_FIRST_NAME = re.compile(LIST_BEGINS.pattern + rb'\[\s*\{\s*"([^"\\]+)"\s*:')
_VALUE = rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|\[\s*\]|\{\s*\}|[\w.+-]++)'
_LIST_ENDS = re.compile(rb'\](?P<behind>(?:\s*,\s*"[^"\\]*+"\s*:\s*%b)*+\s*)\}\s*\Z' % _VALUE)
_NAME = re.compile(rb'"([^"\\]*+)"\s*:')
_LEADS_ON = {b"nextUrl", b"products", b"productInfoList"}
_ENVELOPE = {*_LEADS_ON, b"validTill", b"lastProductId", b"version"}
_NEXT_RECORD = re.compile(rb"\s*,\s*(?=\{)")

_raw_records = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(slots=True)
class CutPage:
    """A page as its pieces.

    Attributes:
        envelope: the page with `IN_ITS_PLACE` in the place of its list.
        records: each record as JSON; `null` for a damaged one.
        as_came: the bytes of the list, not mended.
        damaged: the bytes of each damaged record, and what is wrong with them, by its place.
        repair_count: how often something was mended.
    """

    envelope: bytes
    as_came: bytes
    records: list[bytes] = field(default_factory=list)
    damaged: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    repair_count: int = 0

    @property
    def whole_list(self) -> bytes:
        """The list of records, as JSON."""
        return b"[%b]" % b",".join(self.records)

    def add(self, piece: bytes) -> None:
        """Take a piece of the list: a record, or several where they do not begin as usual."""
        if not piece:
            return
        try:
            self._take(piece)
        except (msgspec.DecodeError, RecursionError) as error:
            rest = self._without_first(piece)
            self.damaged[len(self.records)] = rest, f"it is no JSON ({error})"
            self.records.append(b"null")

    def _take(self, piece: bytes) -> None:
        text, repairs = mended(b"[%b]" % piece)
        msgspec.json.decode(text)  # a raw value is not looked into
        self.records += map(bytes, _raw_records.decode(text))
        self.repair_count += repairs

    def _without_first(self, piece: bytes) -> bytes:
        """Take the record that a piece begins with, where it is whole and another one follows."""
        end = first_end(piece)
        following = _NEXT_RECORD.match(piece, end) if end else None
        if following is None:
            return piece
        try:
            self._take(piece[:end])
        except (msgspec.DecodeError, RecursionError):
            return piece
        return piece[following.end() :]


def cut(body: bytes) -> CutPage | None:
    """Return a page cut into its records; None where that is not certain.

    Args:
        body: the answer in UTF-8.
    """
    starts = _record_starts(body)
    is_plausible = 0 < len(starts) <= _MOST_RECORDS
    before = LIST_BEGINS.finditer(body, 0, starts[0]) if is_plausible else ()
    begins = [found.end() for found in before]
    ends = _LIST_ENDS.search(body, max(len(body) - _LONGEST_END, starts[-1])) if begins else None
    if ends is None:
        return None
    first, last = begins[-1], ends.start()
    page = CutPage(
        envelope=mended(body[:first] + IN_ITS_PLACE + body[last + 1 :])[0],
        as_came=body[first : last + 1],
    )
    for start, end in pairwise([first + 1, *starts, last]):
        piece = body[start:end].strip()
        # Behind the last record a comma belongs to no other one.
        page.add(piece if end == last else piece.removesuffix(b",").rstrip())
    return page if _is_certain(page, ends["behind"]) else None


def _record_starts(body: bytes) -> list[int]:
    """Return where records begin: by the usual names, and by that of the first one."""
    own = _FIRST_NAME.search(body)
    names = b"|".join(map(re.escape, {*_NAMES, *(own.groups() if own else ())}))
    return [found.start() for found in re.finditer(rb'\{\s*"(?:%b)"\s*:' % names, body)]


def _is_certain(page: CutPage, behind: bytes) -> bool:
    if any(_LEADS_ON.intersection(_NAME.findall(piece)) for piece, _ in page.damaged.values()):
        return False
    if (last := len(page.records) - 1) not in page.damaged:
        return True
    piece, _ = page.damaged[last]
    names = set(_NAME.findall(behind))
    is_whole = bool(names) or _is_balanced(piece, b"{}")
    return is_whole and names <= _ENVELOPE and _is_balanced(piece, b"[]")


def _is_balanced(piece: bytes, brackets: bytes) -> bool:
    opening, closing = (piece.count(one) for one in brackets)
    return opening == closing
