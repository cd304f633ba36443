"""The rows of a piece that is not plain, one by one: read, mended or rejected.

The text is parted at every line that looks like a row's first. A row that is as it should be is
taken, one that can be read in one way only is mended, and one that such a line inside a text tore
apart is put together again. What is left is rejected, and touches none of the rows after it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from feeds.dump.block import ROW_START, Piece
from feeds.dump.columns import AMOUNTS, FITTING, in_one_form
from feeds.dump.header import Header
from feeds.dump.quoting import only_reading

_MOST_TORN = 8
_SHOWN = 60
_LINE_LIKE_A_FIRST = re.compile(f"^{ROW_START.pattern.decode()}", re.MULTILINE)
_PLAIN_FIELD = r'(?:[^",\r\n]*+|"(?:[^"]++|"")*+")'
_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"]++|"")*+)"|([^",\r\n]*))')


@dataclass(frozen=True, slots=True)
class Row:
    """One row that can be read.

    Attributes:
        fields: the texts of its columns.
        is_mended: whether its quotes had to be made sense of.
    """

    fields: Sequence[str]
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """One row that cannot be taken.

    Attributes:
        line: where it begins in its piece, from 0.
        line_count: how many lines it has.
        reason: a code of `feeds.product.rejected`.
        detail: what exactly is wrong.
    """

    line: int
    line_count: int
    reason: str
    detail: str


class RowReader:
    """Reads the rows of pieces that are not plain.

    Args:
        header: the dump's columns.
    """

    def __init__(self, header: Header) -> None:
        """Make the patterns that the header asks for."""
        self._header = header
        self._patterns = {
            field: re.compile(FITTING[field]) for field in header.places if field in FITTING
        }
        by_place = {header.places[field]: pattern for field, pattern in self._patterns.items()}
        self._columns = [by_place.get(place) for place in range(header.width)]
        rest = f"(?:,{_PLAIN_FIELD}){{{header.width - 1}}}"
        self._plain_row = re.compile(rf"({_PLAIN_FIELD}{rest})(?:[\r\n]+|\Z)")

    def rows(self, piece: Piece) -> Iterator[Row | Unread]:
        """Yield every row, in order."""
        waiting = deque(_gathered(piece.content.decode()))
        line = 0
        while waiting:
            text = self._whole(waiting)
            row = self._plain(text)
            end = row[1] if row else self._next_plain(text)
            part, rest = text[:end], text[end:]
            if part.strip("\r\n"):
                yield row[0] if row else self._mended(part) or self._unread(part, line)
            line += part.count("\n")
            if rest:
                waiting.appendleft(rest)

    def _plain(self, text: str, start: int = 0) -> tuple[Row, int] | None:
        """Return the row that begins here as it should, and where it ends."""
        found = self._plain_row.match(text, start)
        if not found:
            return None
        fields = _fields(found[1])
        if self._misfit(fields) and self._misfit(fields := self._in_one_form(fields)):
            return None
        return Row(fields), found.end()

    def _next_plain(self, text: str) -> int:
        """Return where, after the first line, a row begins as it should; else the end."""
        starts = (found.end() for found in re.finditer("\n", text))
        return next((start for start in starts if self._plain(text, start)), len(text))

    def _mended(self, text: str) -> Row | None:
        """Return the one row that the text can be read as; None where there is not exactly one."""
        fields = only_reading(text.rstrip("\r\n"), self._columns)
        if fields is None or not self._names_itself(fields):
            return None
        return Row(fields, is_mended=True)

    def _whole(self, waiting: deque[str]) -> str:
        """Take the next text, with those after it that a line like a row's first tore off."""
        text = waiting.popleft()
        if self._plain(text):
            return text
        for count in range(1, min(len(waiting), _MOST_TORN) + 1):
            others = list(islice(waiting, count))
            if _is_certain(others[-1]):
                break
            whole = "".join([text, *others])
            if (row := self._plain(whole)) and row[1] > len(text):
                for _ in others:
                    waiting.popleft()
                return whole
        return text

    def _unread(self, text: str, line: int) -> Unread:
        text = text.rstrip("\r\n")
        reason, detail = self._fault(text)
        return Unread(line, text.count("\n") + 1, reason, detail)

    def _fault(self, text: str) -> tuple[str, str]:
        found = self._plain_row.fullmatch(text)
        fields = self._in_one_form(_fields(found[1])) if found else []
        field = self._misfit(fields) if fields else None
        if field is None:
            return "bad_row", f"there is no one way to read it as {self._header.width} columns"
        value = fields[self._header.places[field]]
        return _reason(field), f"{self._header.names[field]} holds {value[:_SHOWN]!r}"

    def _misfit(self, fields: Sequence[str]) -> str | None:
        """Return the first field that is not what its column holds; None where all are."""
        for field, pattern in self._patterns.items():
            if not pattern.fullmatch(fields[self._header.places[field]]):
                return field
        return None

    def _in_one_form(self, fields: Sequence[str]) -> list[str]:
        bare = list(fields)
        for field, place in self._header.places.items():
            bare[place] = in_one_form(field, bare[place])
        return bare

    def _names_itself(self, fields: Sequence[str]) -> bool:
        """Whether the row's link leads to the row's product, so that no other row is mixed in.

        Where no link says so, a row of one line is believed.
        """
        places: Mapping[str, int] = self._header.places
        url = fields[places["product_url"]] if "product_url" in places else ""
        if "pid=" not in url:
            return not any("\n" in field for field in fields)
        return f"pid={fields[places['product_id']]}" in url


def shown_id(content: bytes) -> str | None:
    """Return the product id that a row begins with, if it looks like one."""
    found = ROW_START.match(content)
    return found[1].decode() if found else None


def _gathered(text: str) -> list[str]:
    """Part a text where a line looks like a row's first."""
    starts = [found.start() for found in _LINE_LIKE_A_FIRST.finditer(text)]
    cuts = sorted({0, *starts, len(text)})
    return [text[start:end] for start, end in pairwise(cuts)]


def _is_certain(text: str) -> bool:
    found = _LINE_LIKE_A_FIRST.match(text)
    return found is not None and f"pid={found[1]}" in text


def _fields(row: str) -> list[str]:
    return [quoted.replace('""', '"') if quoted else plain for quoted, plain in _FIELD.findall(row)]


def _reason(field: str) -> str:
    if field == "product_id":
        return "no_product_id"
    return "bad_price" if field in AMOUNTS else "bad_value"
