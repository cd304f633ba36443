"""Cutting a dump's CSV into blocks of whole rows, and those into pieces, bounded in memory.

A cut is made where a row surely starts: at a new line that begins with a product id, whose own
link, `pid=<id>`, follows before the next such line. So a quote that is not closed reaches no
further than its piece. Only without such lines do cuts go by the count of quotes alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from feeds.dump.archive import Archive
from feeds.dump.plain import Quoting, quotings
from feeds.errors import RequestRefusedError

_READ_BYTES = 1024**2
_FIRST_BLOCK_BYTES = 8 * 1024**2
_MOST_BLOCK_BYTES = 32 * 1024**2
_PIECE_BYTES = 256 * 1024
_MOST_TRIES = 200
_REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows in a row.

    Attributes:
        content: their bytes, UTF-8.
        raw: their bytes as they came.
        line: where the first row begins, from 1, the header's line included.
        quoting: where its quotes are.
    """

    content: bytes
    raw: bytes
    line: int
    quoting: Quoting


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that are decoded together.

    Attributes:
        pieces: in the order of the file.
        stray_byte_count: U+FFFD that were put where bytes are not UTF-8, or zero.
    """

    pieces: list[Piece]
    stray_byte_count: int


class Cutter:
    """Cuts one dump.

    Args:
        archive: read from here on; its header was read already.
        row_bytes: longest row.
        rows_per_block: about how many rows a block has.
    """

    def __init__(self, archive: Archive, row_bytes: int, rows_per_block: int) -> None:
        """Cut nothing yet."""
        self._archive, self._row_bytes, self._rows = archive, row_bytes, rows_per_block

    def blocks(self) -> Iterator[Block]:
        """Yield every block; the next one is unzipped while the caller is busy with this one.

        Raises:
            FeedError: the zip is damaged, or a row longer than allowed.
        """
        cut = self._cut_all()
        with ThreadPoolExecutor(1, thread_name_prefix="unzip") as pool:
            coming = pool.submit(next, cut, None)
            while (block := coming.result()) is not None:
                coming = pool.submit(next, cut, None)
                yield block

    def _cut_all(self) -> Iterator[Block]:
        line, size, rest = 2, _FIRST_BLOCK_BYTES, b""
        while True:
            content, rest = self._next(rest, size)
            if not content:
                return
            yield self._block(content, line)
            line_count = content.count(b"\n")
            line += line_count
            size = len(content) * self._rows // max(line_count, 1)
            size = min(max(size, _READ_BYTES), _MOST_BLOCK_BYTES)

    def _next(self, rest: bytes, size: int) -> tuple[bytes, bytes]:
        """Return whole rows of about so many bytes, and what was read beyond them."""
        buffer = bytearray(rest)
        while True:
            while len(buffer) < size:
                if not (read := self._archive.read(_READ_BYTES)):
                    return bytes(buffer), b""
                buffer += read
            if cut := _last_start(content := bytes(buffer), 0, len(content)):
                return content[:cut], content[cut:]
            if len(buffer) > self._row_bytes:
                while self._archive.read(_READ_BYTES):
                    pass  # to its end: a damaged zip has no such row, and is told as damaged
                raise RequestRefusedError(
                    f"a row of a dump is over {self._row_bytes:,} bytes long; "
                    "mirror the category by its product feed instead"
                )
            size = len(buffer) + _READ_BYTES

    def _block(self, content: bytes, line: int) -> Block:
        raws = contents = list(self._pieces(content))
        if b"\0" in content or (texts := _as_texts(raws)) is None:
            contents = [_mended(raw) for raw in raws]
            texts = pl.Series(contents, dtype=pl.Binary).cast(pl.String)
        pieces = []
        for raw, text, quoting in zip(raws, contents, quotings(texts), strict=True):
            pieces.append(Piece(text, raw, line, quoting))
            line += raw.count(b"\n")
        mended = [piece for piece in pieces if piece.content is not piece.raw]
        return Block(pieces, sum(_replaced(one.content) - _replaced(one.raw) for one in mended))

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        start, size = 0, _PIECE_BYTES
        while start < len(content):
            end = start + size
            cut = len(content) if end >= len(content) else _last_start(content, start, end)
            if cut:
                yield content[start:cut]
                start, size = cut, _PIECE_BYTES
            else:
                size *= 2


ROW_START = re.compile(rb'"?([0-9A-Z]{10,20})"?,')
"""A line that looks like a row's first: 16 signs in every captured record, 13 for a book."""


def _last_start(content: bytes, low: int, high: int) -> int:
    """Return where, between two places, the last row begins that surely is one; 0 for nowhere."""
    starts: list[int] = []
    likely: list[int] = []
    newline = following = high
    while len(starts) < _MOST_TRIES and (newline := content.rfind(b"\n", low, newline)) > low:
        starts.append(newline + 1)
        if found := ROW_START.match(content, newline + 1):
            if content.find(b"pid=" + found[1], newline, following) > 0:
                return newline + 1
            likely.append(newline + 1)
            following = newline
    return next((start for start in [*likely, *starts] if _is_outside(content, low, start)), 0)


def _is_outside(content: bytes, low: int, place: int) -> bool:
    """Whether every quote before a place has its other half."""
    return content.count(b'"', low, place) % 2 == 0


def _as_texts(contents: list[bytes]) -> pl.Series | None:
    """Return texts, None where one is not UTF-8: Polars looks ten times as fast as Python."""
    try:
        return pl.Series(contents, dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return None


def _mended(raw: bytes) -> bytes:
    """Return text that the lake can hold: UTF-8, and no zero, where its catalogue ends a text."""
    text = raw.replace(b"\0", _REPLACEMENT) if b"\0" in raw else raw
    return text if _as_texts([text]) is not None else text.decode("utf-8", "replace").encode()


def _replaced(text: bytes) -> int:
    return text.count(_REPLACEMENT)
