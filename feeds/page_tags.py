"""Repairing tags that do not match.

An end tag that closes nothing is taken for a misspelt one of the element that is open. A missing
one is added where an element around it ends, or where one begins that cannot stand there. Outside
records only an end tag that looks like the right one is mended: a page whose own elements are not
certain could hide its `nextUrl`, and its walk would end early. Attributes say nothing that a
product has; those that are not well-formed are dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from feeds.errors import PageBrokenError
from feeds.product import v0_xml, v1_xml

RECORD_NAMES = ("productInfoList", "products")
"""What a page calls its records' elements; the second is what JSON calls the list since 2018."""

ENVELOPE_NAMES = frozenset({"nextUrl", "validTill", "lastProductId", "version"})
"""Elements of the page itself, beside its records."""

_V1, _V0 = v1_xml.SHAPE.layout.nesting, v0_xml.SHAPE.layout.nesting
_HOLDS = {name: _V1.get(name, set()) | _V0.get(name, set()) for name in {*_V1, *_V0}}
_HOLDS |= dict.fromkeys(RECORD_NAMES, _HOLDS[""])

MAX_REPAIRS = 5_000
"""Tags that are repaired in one page: ten a record."""

_TAG = re.compile(r"<(/?+)([A-Za-z_][\w.:-]*+)[^<>]*+>")
_ATTRIBUTES = re.compile(r"""(?:\s++[\w.:-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'))*+\s*+/?+>""")
_LOOKS_LIKE = 0.6
_LONGEST_NAME = 100
_DEEPEST = 8


def matched(text: str) -> tuple[str, int]:
    """Return a page's text with every tag matched, and how many repairs that took.

    Raises:
        PageBrokenError: a tag outside records does not match, as in a page that was cut off, or
            a record has swallowed a part of the page.
    """
    tags = _Tags()
    position = 0
    for tag in _TAG.finditer(text):
        tags.pieces.append(text[position : tag.start()])
        tags.take(tag)
        position = tag.end()
    if tags.open or tags.repairs > MAX_REPAIRS:
        raise PageBrokenError("a page's tags do not match; try again later")
    return "".join([*tags.pieces, text[position:]]), tags.repairs


class _Tags:
    """The tags of a page as they come by.

    Attributes:
        pieces: the repaired text.
        open: names of the elements that are open, the page's own first.
        repairs: how many tags were added, changed or dropped.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.repairs = 0
        self._open_count: Counter[str] = Counter()
        self._known: set[str] = set()
        self._record_depth = 0
        self._is_leaf = False

    def take(self, tag: re.Match[str]) -> None:
        """Add one tag, repaired where it must be."""
        name = tag[2]
        if tag[1]:
            self._end(name)
        else:
            self._start(name, tag[0])

    def _start(self, name: str, tag: str) -> None:
        if self._record_depth and name in ENVELOPE_NAMES:
            raise PageBrokenError("a record of a page does not end; try again later")
        if self._record_depth and name in RECORD_NAMES:
            self._close_down_to(self._record_depth - 1)
        elif self._record_depth:
            self._make_room(name)
        if not _ATTRIBUTES.fullmatch(tag, len(name) + 1):
            tag = f"<{name}{'/' if tag.endswith('/>') else ''}>"
            self.repairs += 1
        self.pieces.append(tag)
        self._known.add(name)
        if tag.endswith("/>"):
            self._is_leaf = False
            return
        self.open.append(name)
        self._open_count[name] += 1
        self._is_leaf = True
        if name in RECORD_NAMES and not self._record_depth:
            self._record_depth = len(self.open)

    def _end(self, name: str) -> None:
        if self.open and self.open[-1] == name:
            self._close()
        elif self._record_depth and self._open_count[name]:
            self._close_around(name)
        elif self._is_misspelt(name):
            self._close()
            self.repairs += 1
        elif self._record_depth:
            self.repairs += 1  # it ends nothing: it is left out
        else:
            raise PageBrokenError(f"a page ends {name!r} where it is not open; try again later")
        self._is_leaf = False

    def _make_room(self, name: str) -> None:
        """Close what cannot hold an element, where something further up can.

        Elements that no layout knows, such as HTML in a text, stay where they are.
        """
        if self.open[-1] not in _HOLDS:
            return
        highest = max(self._record_depth, len(self.open) - _DEEPEST)
        for depth in range(len(self.open), highest - 1, -1):
            if name in _HOLDS.get(self.open[depth - 1], ()):
                self._close_down_to(depth)
                return

    def _close_around(self, name: str) -> None:
        """Close an element further up, and what was left open in it."""
        depth = len(self.open)
        while self.open[depth - 1] != name:
            depth -= 1
        self._close_down_to(depth)
        self._close()

    def _is_misspelt(self, name: str) -> bool:
        if self._record_depth and (self._is_leaf or name not in self._known):
            return True
        if not self.open or self.repairs > MAX_REPAIRS:
            return False
        pair = (name[:_LONGEST_NAME], self.open[-1][:_LONGEST_NAME])
        return SequenceMatcher(None, *pair).ratio() > _LOOKS_LIKE

    def _close_down_to(self, depth: int) -> None:
        while len(self.open) > depth:
            self._close()
            self.repairs += 1

    def _close(self) -> None:
        name = self.open.pop()
        self._open_count[name] -= 1
        self.pieces.append(f"</{name}>")
        if len(self.open) < self._record_depth:
            self._record_depth = 0
            self._known.clear()
