"""XML records into one typed frame, whichever API version they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import polars as pl
from lxml import etree

from feeds.product.rejected import RejectedRecord, reason_for
from feeds.product.sifting import misfits
from feeds.product.source import mixed
from feeds.product.xml_cells import Cells
from feeds.product.xml_layout import AmbiguousRecordError, Layout, Row
from feeds.product.xml_parser import SAFE, Element, local_name, strict_parser

_strict = strict_parser()


@dataclass(frozen=True, slots=True)
class XmlShape:
    """How the records of one API version are read.

    Attributes:
        source: what `record_source` says of them.
        base: the element that only records of this version have.
        layout: their fields.
        frame_of: makes cells the typed frame, given the records' places in the page.
    """

    source: str
    base: str
    layout: Layout
    frame_of: Callable[[Cells, Sequence[int]], pl.DataFrame]

    def fit(self, rows: Sequence[Row]) -> None:
        """Raise `msgspec.ValidationError` where one of the rows does not fit the frame."""
        self.frame_of(Cells(self.layout, rows), range(len(rows)))


class _Read:
    """The rows of one shape, with the places of their records."""

    def __init__(self, shape: XmlShape) -> None:
        self.shape = shape
        self.rows: list[Row] = []
        self.numbers: list[int] = []

    def add(self, number: int, row: Row) -> None:
        self.rows.append(row)
        self.numbers.append(number)

    def frame(self) -> pl.DataFrame:
        return self.shape.frame_of(Cells(self.shape.layout, self.rows), self.numbers)

    def sift(self) -> dict[int, str]:
        """Drop the rows that do not fit; return what is wrong with them by place."""
        bad = {
            self.numbers[place]: str(error) for place, error in misfits(self.rows, self.shape.fit)
        }
        kept = [
            (row, number)
            for row, number in zip(self.rows, self.numbers, strict=True)
            if number not in bad
        ]
        self.rows, self.numbers = [row for row, _ in kept], [number for _, number in kept]
        return bad


def decode_records(
    raws: Sequence[bytes], own: XmlShape, *guests: XmlShape
) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a page's records, and the records that do not fit.

    Args:
        raws: each record's element as it stands in the page.
        own: how the page's records are read.
        guests: how records of another API version among them are read.
    """
    read = [_Read(shape) for shape in (own, *guests)]
    wrong: dict[int, tuple[str, str]] = {}
    for number, raw in enumerate(raws):
        if (row := own.layout.match(raw)) is not None:
            read[0].add(number, row)
            continue
        try:
            _walk(number, raw, read)
        except etree.XMLSyntaxError as error:
            wrong[number] = "not_a_record", f"not well-formed: {error}"
        except AmbiguousRecordError as error:
            wrong[number] = "not_a_record", str(error)
        except msgspec.ValidationError as error:
            wrong[number] = reason_for(str(error)), str(error)
    frames: dict[str, pl.DataFrame] = {}
    for one in read:
        frames[one.shape.source], bad = _frame(one)
        wrong |= {number: (reason_for(detail), detail) for number, detail in bad.items()}
    rejected = [
        RejectedRecord.of(reason, detail, number, raws[number])
        for number, (reason, detail) in sorted(wrong.items())
    ]
    return mixed(frames), rejected


def parse_record(raw: bytes) -> Element:
    """Return a record's element; prefixes that the page declares further up need no declaration.

    No entity is resolved, no document type read, no other file or host asked.

    Raises:
        etree.XMLSyntaxError: it is not well-formed, or nested deeper than any record.
    """
    try:
        return etree.fromstring(raw, _strict)
    except etree.XMLSyntaxError:
        lenient = etree.XMLParser(recover=True, remove_comments=True, remove_pis=True, **SAFE)
        record = etree.fromstring(raw, lenient)
        if any(one.domain != etree.ErrorDomains.NAMESPACE for one in lenient.error_log):
            # The tree that recovery leaves behind may lack anything.
            raise
        return record


def _walk(number: int, raw: bytes, read: list[_Read]) -> None:
    """Read a record as a tree, by the rules of its API version."""
    record = parse_record(raw)
    names = {local_name(part) for part in record}
    chosen = next((one for one in read if one.shape.base in names), read[0])
    chosen.add(number, chosen.shape.layout.read(record))


def _frame(read: _Read) -> tuple[pl.DataFrame, dict[int, str]]:
    try:
        return read.frame(), {}
    except msgspec.ValidationError:
        bad = read.sift()
        return read.frame(), bad
