"""A block's rows as one table of texts: plain pieces at once, the others row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import polars as pl

from feeds.dump.block import Piece
from feeds.dump.columns import is_fitting
from feeds.dump.header import Header
from feeds.dump.row import Row, RowReader, Unread, shown_id
from feeds.product.rejected import RAW_LIMIT, RejectedRecord
from feeds.product.schema import RECORD_NUMBER


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a block.

    Attributes:
        raw: a column of texts for each field that the dump has, after `record_number`, a row's
            place in the block from 0.
        rejected: the rows that cannot be taken; numbered likewise.
        repaired_count: rows of `raw` whose quotes were not doubled.
    """

    raw: pl.DataFrame
    rejected: list[RejectedRecord]
    repaired_count: int

    @property
    def row_count(self) -> int:
        """Rows in the block, the rejected ones included."""
        return self.raw.height + len(self.rejected)


class _UnevenError(Exception):
    """A row has too few fields."""


class TableReader:
    """Reads the blocks of one dump.

    Args:
        header: the dump's columns.
    """

    def __init__(self, header: Header) -> None:
        """Read nothing yet."""
        self._rows = RowReader(header)
        self._line_end_bytes = len(header.line_end)
        self._row_overhead = header.width - 1 + self._line_end_bytes
        self._schema = {f"column_{place}": pl.String for place in range(header.width)}
        self._fields = [
            pl.col(f"column_{place}").alias(field) for field, place in header.places.items()
        ]

    def read(self, pieces: Sequence[Piece]) -> Table:
        """Return every row of a block.

        A plain piece with a row that does not fit its columns is read row by row as well: it may
        have come apart in a way that looks plain.
        """
        try:
            table = self._gathered([(piece, piece.quoting.is_plain) for piece in pieces])
            if is_fitting(table.raw).all():
                return table
        except (pl.exceptions.PolarsError, _UnevenError):
            pass  # the row reader will tell which row it is
        return self._gathered([(piece, self._is_fitting(piece)) for piece in pieces])

    def _gathered(self, pieces: Iterable[tuple[Piece, bool]]) -> Table:
        tables: list[Table] = []
        count = 0
        for is_plain, run in groupby(pieces, key=itemgetter(1)):
            read = self._at_once if is_plain else self._singly
            tables.append(read([piece for piece, _ in run], count))
            count += tables[-1].row_count
        none = self._named(pl.DataFrame(schema=self._schema), [])
        return Table(
            pl.concat([none, *(one.raw for one in tables)]),
            [reject for one in tables for reject in one.rejected],
            sum(one.repaired_count for one in tables),
        )

    def _at_once(self, pieces: Sequence[Piece], first: int) -> Table:
        content = b"".join(piece.content for piece in pieces)
        raw = pl.read_csv(content, has_header=False, schema=self._schema)
        quote_bytes = sum(piece.quoting.byte_count for piece in pieces)
        cut_off = 0 if content.endswith(b"\n") else self._line_end_bytes
        # Where a row lacks its last fields, Polars reads them as null: only lengths tell.
        if len(content) + cut_off - quote_bytes != self._length(raw):
            raise _UnevenError
        return Table(self._named(raw, range(first, first + raw.height)), [], 0)

    def _length(self, raw: pl.DataFrame) -> int:
        """Return how many bytes these rows had, but for the quotes around fields."""
        texts: int = raw.select(pl.all().str.len_bytes().sum()).sum_horizontal().item()
        return texts + raw.height * self._row_overhead

    def _singly(self, pieces: Sequence[Piece], first: int) -> Table:
        taken: dict[int, Row] = {}
        rejected: list[RejectedRecord] = []
        rows = ((piece, row) for piece in pieces for row in self._rows.rows(piece))
        for number, (piece, row) in enumerate(rows, first):
            if isinstance(row, Row):
                taken[number] = row
            else:
                rejected.append(_rejected(row, piece, number))
        raw = pl.DataFrame([row.fields for row in taken.values()], self._schema, orient="row")
        repaired_count = sum(row.is_mended for row in taken.values())
        return Table(self._named(raw, list(taken)), rejected, repaired_count)

    def _is_fitting(self, piece: Piece) -> bool:
        try:
            return piece.quoting.is_plain and is_fitting(self._at_once([piece], 0).raw).all()
        except (pl.exceptions.PolarsError, _UnevenError):
            return False

    def _named(self, raw: pl.DataFrame, numbers: Iterable[int]) -> pl.DataFrame:
        record_numbers = pl.Series(RECORD_NUMBER, numbers, dtype=pl.Int32)
        return raw.select(record_numbers, *self._fields)


def _rejected(row: Unread, piece: Piece, number: int) -> RejectedRecord:
    lines = piece.raw.split(b"\n")[row.line : row.line + row.line_count]
    raw = b"\n".join(lines)
    line = piece.line + row.line
    return RejectedRecord(
        reason=row.reason,
        detail=f"line {line}: {row.detail}",
        product_id=shown_id(raw),
        record_number=number,
        raw=raw[:RAW_LIMIT],
        raw_byte_count=len(raw),
        line=line,
    )
