"""Cutting the records out of a page in XML, whether or not its tags match.

A page holds each record as an element `productInfoList` or `products`. The records stand in the
page itself, or in a wrapper that may have the other name, or the same: what holds a product is a
record, what holds records is a wrapper.

No tag is guessed. A record begins with its own tag and ends with its own end tag. One whose end
tag is missing or misspelt ends where the next record, the wrapper's end or an element of the page
begins; it is cut out as it is, so that its decoder refuses it and the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from feeds.errors import PageBrokenError
from feeds.page_markup import specials
from feeds.product.xml_records import parse_record

LIST_NAMES: Final = frozenset({"productInfoList", "products"})
"""What a page calls its records' elements, and their wrapper."""

ENVELOPE_NAMES: Final = frozenset({"nextUrl", "validTill", "lastProductId", "version"})
"""Elements of the page itself, beside its records."""

_SIGNS = frozenset({"productBaseInfoV1", "productBaseInfo", "productId"})
"""Elements that only a record holds."""

_USUAL, _USUAL_END = b"<productInfoList>", b"</productInfoList>"
_NAMES = "|".join(sorted(LIST_NAMES | ENVELOPE_NAMES | _SIGNS, key=len, reverse=True))
_TAG = re.compile(rb"<(/)?(?:[\w.-]++:)?(%b)(?=[\s/>])[^<>]*+>" % _NAMES.encode())
_LINK = re.compile(rb"<nextUrl")
_ROOT = re.compile(rb"\s*<((?:[\w.-]++:)?\w*Feed(?:V[0-9]+)?)(?:\s[^<>]*+)?>")
_ROOT_END = re.compile(rb"</((?:[\w.-]++:)?\w*Feed(?:V[0-9]+)?)\s*>\s*$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A page taken apart.

    Attributes:
        rest: the page without its records and their wrappers: what it says about itself.
        records: each record's bytes as they came.
        has_list: whether there is a list of records, though it may be empty.
        repair_count: 1 where the page ends with another name than it begins with.
    """

    rest: bytes
    records: list[bytes]
    has_list: bool = True
    repair_count: int = 0


def cut_usual(body: bytes) -> Cut | None:
    """Return the parts of a well-formed page whose records follow one another.

    Nearly all pages are like that, and one search for each record is enough.

    Returns:
        None for any other page: `cut` has to look at each of its tags.
    """
    start = first = body.find(_USUAL)
    last = body.rfind(_USUAL_END) + len(_USUAL_END)
    records: list[bytes] = []
    while 0 <= start < last:
        inside = start + len(_USUAL)
        following = body.find(_USUAL[:-1], inside)
        end = last if following < 0 else following
        is_usual = body.startswith(_USUAL, start) and body.endswith(_USUAL_END, inside, end)
        if not is_usual or body.startswith((b"<products", _USUAL_END), inside):
            return None
        records.append(body[start:end])
        start = following
    rest = body[: max(first, 0)] + body[last:]
    # What only a record holds is in none that was cut out, or a link is: it needs a closer look.
    is_whole = b"<productId>" not in rest and (b"<nextUrl" in rest or not _LINK.search(body))
    return Cut(rest, records) if records and is_whole and _ROOT.match(rest) else None


def cut(body: bytes, *, is_well_formed: bool) -> Cut:
    """Return the parts of any page.

    Raises:
        PageBrokenError: it is no whole page, or it is not certain what belongs to a record and
            what to the page, or it has two different lists.
    """
    root, root_end = _ROOT.match(body), _ROOT_END.search(body, max(0, body.rfind(b"</")))
    if root is None or root_end is None:
        raise PageBrokenError("an answer is no whole page; try again later")
    tags = _tags(body, root.end(), root_end.start(), is_well_formed=is_well_formed)
    cutter = _Cutter(body, tags, root.end(), is_well_formed=is_well_formed)
    cutter.run(root_end.start())
    rest = b"".join([root[0], *cutter.rest, b"</", root[1], b">"])
    return Cut(rest, cutter.one_list(), cutter.has_list, int(root[1] != root_end[1]))


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of the page, of its list or of a record.

    Attributes:
        name: its name without a prefix.
        kind: `start`, `end`, or `empty` for `<name/>`.
        start: where it begins.
        end: where what follows it begins.
    """

    name: str
    kind: str
    start: int
    end: int

    @property
    def is_of_list(self) -> bool:
        return self.name in LIST_NAMES


def _tags(body: bytes, start: int, end: int, *, is_well_formed: bool) -> list[_Tag]:
    """Return the tags that tell records and page apart; those in comments and CDATA are none."""
    hidden = specials(body)
    special = next(hidden, None)
    tags: list[_Tag] = []
    depth = 0
    for found in _TAG.finditer(body, start, end):
        while special and special.end <= found.start():
            special, depth = next(hidden, None), 0
        kind = "end" if found[1] else "empty" if found[0].endswith(b"/>") else "start"
        tag = _Tag(found[2].decode(), kind, found.start(), found.end())
        if not special or tag.start < special.start:
            tags.append(tag)
        elif tag.is_of_list and not special.text:
            depth += {"start": 1, "end": -1}.get(kind, 0)
        if depth < 0 or (special and tag.start >= special.start and not is_well_formed):
            # A comment that begins in one record and ends in another hides what is between.
            raise PageBrokenError("a comment hides a part of a page; try again later")
    return tags


@dataclass(slots=True)
class _Open:
    """A record that has begun.

    Attributes:
        tag: its first tag.
        inner: the names of elements in it that are open and called like a list.
        holds_page: whether an element of the page's names stands in it.
    """

    tag: _Tag
    inner: list[str] = field(default_factory=list)
    holds_page: bool = False


class _Cutter:
    """Goes through the tags of a page once.

    Attributes:
        rest: what belongs to the page itself.
        has_list: whether an element of a list was met.
    """

    def __init__(
        self, body: bytes, tags: Sequence[_Tag], start: int, *, is_well_formed: bool
    ) -> None:
        """Take the tags between a page's root and its end."""
        self.rest: list[bytes] = []
        self.has_list = False
        self._body, self._tags = body, tags
        self._is_well_formed = is_well_formed
        self._done = start
        self._records: list[tuple[tuple[str, ...], bytes]] = []
        self._open: _Open | None = None
        self._wrappers: list[str] = []
        self._has_signs = False
        self._is_record = self._look_for_records()
        self._next_of_list = self._look_ahead()

    def run(self, end: int) -> None:
        """Cut the page, which ends here."""
        for number, tag in enumerate(self._tags):
            if tag.start < self._done:
                continue  # the end of an element of the page, which was taken whole
            if tag.name in ENVELOPE_NAMES:
                self._take_page_element(number, tag)
            elif not tag.is_of_list:
                self._has_signs |= self._open is None
            elif tag.kind == "start":
                self._start(number, tag)
            elif tag.kind == "end":
                self._end(tag)
            elif self._open is None:
                self._leave(tag)
        if self._open and not self._is_blank(self._open.tag.end, end):
            self._take(end)
        elif self._open:
            self._done = end
        self._leave_until(end)

    def one_list(self) -> list[bytes]:
        """Return the records of the page's one list; of two that are equal, of the first.

        Raises:
            PageBrokenError: there are two that differ.
        """
        lists: dict[tuple[str, ...], list[bytes]] = {}
        for key, raw in self._records:
            lists.setdefault(key, []).append(raw)
        strays = lists.pop((), [])  # they lack a tag, and may be of any list
        if len(lists) <= 1:
            return [raw for _, raw in self._records]
        first, *others = ([_inside(raw) for raw in raws] for raws in lists.values())
        if strays or any(other != first for other in others):
            raise PageBrokenError("a page has two different lists of products; try again later")
        return next(iter(lists.values()))

    def _start(self, number: int, tag: _Tag) -> None:
        self.has_list = True
        if self._open is None:
            self._leave_until(tag.start)
        elif not self._is_record[number]:
            self._open.inner.append(tag.name)
            return
        elif self._is_blank(self._open.tag.end, tag.start):
            self._wrappers.append(self._open.tag.name)
        else:
            self._take(tag.start)  # its end tag is missing, or misspelt
        self._open = _Open(tag)

    def _end(self, tag: _Tag) -> None:
        if self._open is None:
            self._end_outside(tag)
        elif tag.name in self._open.inner:
            while self._open.inner.pop() != tag.name:
                pass
        elif tag.name == self._open.tag.name:
            if self._is_blank(self._open.tag.end, tag.start):
                self._open, self._done = None, tag.end  # an empty list
            else:
                # Which wrappers there are is certain only where all tags match.
                wrappers = self._wrappers if self._is_well_formed else ()
                self._take(tag.end, (tag.name, *wrappers))
        elif tag.name in self._wrappers:
            self._take(tag.start)
            self._end_outside(tag)

    def _end_outside(self, tag: _Tag) -> None:
        if tag.name in self._wrappers:
            self._wrappers.remove(tag.name)
            self._leave(tag)
        elif self._is_blank(self._done, tag.start):
            self._done = tag.end  # of a wrapper that was empty, or of a record that has ended
        else:
            self._keep(self._done, tag.end)  # the tag that it begins with is missing, or misspelt

    def _take_page_element(self, number: int, tag: _Tag) -> None:
        if self._open and (tag.kind == "end" or self._ends_later(self._open, number)):
            self._open.holds_page = True
            return
        self._take(tag.start)
        self._leave_until(tag.start)
        end = tag.end
        if tag.kind != "empty":
            following = self._tags[number + 1] if number + 1 < len(self._tags) else tag
            if tag.kind == "end" or (following.name, following.kind) != (tag.name, "end"):
                raise PageBrokenError(f"a page's {tag.name} is not certain; try again later")
            end = following.end
        self.rest.append(self._body[tag.start : end])
        self._done = end

    def _ends_later(self, record: _Open, number: int) -> bool:
        """Tell whether a record goes on behind a tag that is called like one of the page's."""
        if self._is_well_formed or record.inner:
            return True
        following = self._next_of_list[number]
        if following is None or following.kind != "end":
            return False
        return following.name == record.tag.name

    def _take(self, end: int, of_list: tuple[str, ...] = ()) -> None:
        """Cut the open record out, up to here; without its end tag, its list is not certain."""
        if self._open is None:
            return
        raw = self._body[self._open.tag.start : end]
        if self._open.holds_page and (b"nextUrl" in raw or not is_well_formed(raw)):
            raise PageBrokenError("a record holds a part of its page; try again later")
        self._keep(self._open.tag.start, end, of_list)
        self._open = None

    def _keep(self, start: int, end: int, of_list: tuple[str, ...] = ()) -> None:
        self._records.append((of_list, self._body[start:end]))
        self._done, self._has_signs = end, False

    def _leave(self, tag: _Tag) -> None:
        """Leave a tag of the list out, and what stands before it to the page."""
        self.has_list = True
        self._leave_until(tag.start)
        self._done = tag.end

    def _leave_until(self, end: int) -> None:
        """Leave what belongs to no record to the page, unless only a record can hold it."""
        if self._has_signs:
            self._keep(self._done, end)
        else:
            self.rest.append(self._body[self._done : end])
            self._done = end

    def _is_blank(self, start: int, end: int) -> bool:
        return not self._body[start:end].strip()

    def _look_for_records(self) -> list[bool]:
        """Tell of each tag whether a record begins with it, or a wrapper of one."""
        begins = [False] * len(self._tags)
        for number in range(len(self._tags) - 2, -1, -1):
            tag, following = self._tags[number : number + 2]
            if tag.is_of_list and tag.kind == following.kind == "start":
                wraps = begins[number + 1] and self._is_blank(tag.end, following.start)
                begins[number] = wraps or following.name in _SIGNS
        return begins

    def _look_ahead(self) -> list[_Tag | None]:
        """Tell of each tag which is the next that begins a record or ends one, or a wrapper."""
        ahead: list[_Tag | None] = []
        following = None
        for number in range(len(self._tags) - 1, -1, -1):
            ahead.append(following)
            tag = self._tags[number]
            if tag.is_of_list and (tag.kind == "end" or self._is_record[number]):
                following = tag
        return ahead[::-1]


def is_well_formed(raw: bytes) -> bool:
    """Tell whether a record's bytes are an element, and a whole one."""
    try:
        parse_record(raw)
    except etree.XMLSyntaxError:
        return False
    return True


def _inside(raw: bytes) -> bytes:
    return raw[raw.find(b">") + 1 : raw.rfind(b"</")]
