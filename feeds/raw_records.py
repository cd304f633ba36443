"""Records read again from their own bytes, without the page or the dump that they stood in.

What was rejected is kept as it came. Once a decoder has learned to read it, it is read here by the
same rules as a page of its API version and format, or as a row of its dump.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from feeds.dialect import DIALECTS
from feeds.dump.block import Piece
from feeds.dump.columns import typed
from feeds.dump.header import Header
from feeds.dump.plain import quotings
from feeds.dump.table import TableReader
from feeds.errors import FeedError, RequestRefusedError
from feeds.page import Page
from feeds.product.schema import FRAME_SCHEMA, RECORD_NUMBER
from feeds.product.source import CARRIED_BY, RECORD_SOURCE

_PREFIX = re.compile(rb"[<\s/](?!xml)([A-Za-z_][\w.-]*):[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What some records say today.

    Attributes:
        frame: those that can be read, with the columns of `FRAME_SCHEMA` and `record_source`;
            `record_number` is a record's place among those given, from 0.
        failed: what is wrong with each of the others, one line by place.
        carried_by: the product columns that a record of each source says something about.
    """

    frame: pl.DataFrame
    failed: dict[int, str]
    carried_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_Answer = tuple[pl.DataFrame, dict[int, str]]
_ReadMany = Callable[[Sequence[bytes]], _Answer | None]
"""Returns None where the answer does not tell which record is which."""


def read_again(source: str, header: str | None, raws: Sequence[bytes]) -> ReadAgain:
    """Read records that were rejected.

    Args:
        source: API version and format of their pages, such as `v1.1.0 json` or `v1.1.0 csv`.
        header: the first line of their dump; None for other sources.
        raws: the whole bytes of each as they came.
    """
    version, _, extension = source.partition(" ")
    if extension == "csv":
        return _read_rows(source, header, raws)
    if (version, extension) not in DIALECTS:
        return _unread(raws, f"nothing here reads {source!r}")
    decode = DIALECTS[version, extension].decode_page
    wrapped = _as_json if extension == "json" else _as_xml

    def read(some: Sequence[bytes]) -> _Answer | None:
        return _by_place(decode(wrapped(some)), len(some), source)

    return ReadAgain(*_read_all(raws, read), carried_by=CARRIED_BY)


def _read_rows(source: str, header: str | None, raws: Sequence[bytes]) -> ReadAgain:
    try:
        columns = Header.parse((header or "").encode() + b"\n")
    except RequestRefusedError:
        return _unread(raws, "the header of its dump is not known")
    reader = TableReader(columns)

    def read(some: Sequence[bytes]) -> _Answer | None:
        table = reader.read(_pieces(some))
        if table.row_count != len(some):
            return None
        failed = {one.record_number: one.detail for one in table.rejected}
        return typed(table.raw).with_columns(pl.lit(source).alias(RECORD_SOURCE)), failed

    return ReadAgain(*_read_all(raws, read), carried_by={source: columns.carried})


def _unread(raws: Sequence[bytes], why: str) -> ReadAgain:
    return ReadAgain(_empty(), dict.fromkeys(range(len(raws)), why))


def _read_all(raws: Sequence[bytes], read: _ReadMany) -> _Answer:
    """Read all at once; where that leaves a doubt which is which, one after the other."""
    try:
        if answer := read(raws):
            return answer
    except FeedError:
        pass  # one of them breaks the rest
    frames, failed = [_empty()], {}
    for place, raw in enumerate(raws):
        frame, why = _read_one(raw, read)
        if why is None:
            frames.append(frame.with_columns(pl.lit(place, pl.Int32).alias(RECORD_NUMBER)))
        else:
            failed[place] = why
    return pl.concat(frames), failed


def _read_one(raw: bytes, read: _ReadMany) -> tuple[pl.DataFrame, str | None]:
    try:
        answer = read([raw])
    except FeedError as error:
        return _empty(), str(error)
    if answer is None:
        return _empty(), "it is not one record"
    frame, failed = answer
    return frame, failed.get(0)


def _by_place(page: Page, count: int, source: str) -> _Answer | None:
    # A repair, and what damaged a record, may have reached from one record into the next.
    is_certain = count == 1 or not (page.repair_count or page.damaged_count)
    if page.record_count != count or not is_certain:
        return None
    frame = page.frame
    if RECORD_SOURCE not in frame.columns:
        frame = frame.with_columns(pl.lit(source).alias(RECORD_SOURCE))
    return frame, {one.record_number: one.detail for one in page.rejected}


def _as_json(raws: Sequence[bytes]) -> bytes:
    # What stands behind the list tells where a damaged record ends.
    return b'{"products":[' + b",".join(raws) + b'],"lastProductId":""}'


def _as_xml(raws: Sequence[bytes]) -> bytes:
    body = b"".join(raws)
    declared = {found[1] for found in _PREFIX.finditer(body)}
    spaces = b"".join(b' xmlns:%b="urn:of-its-page"' % prefix for prefix in sorted(declared))
    return b"<ProductFeedV1" + spaces + b">" + body + b"</ProductFeedV1>"


def _pieces(raws: Sequence[bytes]) -> list[Piece]:
    texts = [raw.replace(b"\0", b"\xef\xbf\xbd").decode("utf-8", "replace") for raw in raws]
    lines = [text.rstrip("\r\n") + "\n" for text in texts]
    told = quotings(pl.Series(lines, dtype=pl.String))
    return [
        Piece(line.encode(), raw, 1, quoting)
        for line, raw, quoting in zip(lines, raws, told, strict=True)
    ]


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={**FRAME_SCHEMA, RECORD_SOURCE: pl.String()})
