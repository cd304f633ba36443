"""A dump: one category as one CSV in a zip, read as typed frames in bounded memory.

Rows that are as they should be go through Polars' CSV reader, some thousands at a time. Real dumps
have rows whose quotes are not doubled, so that they come apart (41 of a million in a printed one);
the pieces that hold such rows are read row by row instead, and each is mended or rejected with
its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from feeds.dump.archive import Archive, DumpLimits
from feeds.dump.block import Block, Cutter
from feeds.dump.columns import typed
from feeds.dump.header import MOST_BYTES, Header
from feeds.dump.table import Table, TableReader
from feeds.product.rejected import RejectedRecord
from feeds.product.schema import FRAME_SCHEMA

ROWS_PER_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class DumpChunk:
    """Some rows of a dump, in the order of the file.

    Attributes:
        frame: the rows that fit, with the columns of `FRAME_SCHEMA`; `record_number` is a row's
            place in the chunk, from 0.
        rejected: the rows that do not; `record_number` counts likewise.
        first_row: place of the chunk's first row in the dump, from 0.
        first_line: line of the CSV that it begins at, from 1, the header's line included.
        row_count: rows in the chunk, the rejected ones included.
        repaired_count: rows in the frame whose quotes were not doubled.
        stray_byte_count: U+FFFD that were put where bytes are not UTF-8.
        byte_count: bytes of the CSV that the chunk is made of.
    """

    frame: pl.DataFrame
    rejected: list[RejectedRecord]
    first_row: int
    first_line: int
    row_count: int
    repaired_count: int
    stray_byte_count: int
    byte_count: int


NO_ROWS = DumpChunk(FRAME_SCHEMA.to_frame(), [], 0, 2, 0, 0, 0, 0)
"""What a dump with no more than a header says, from its second line on."""


class Dump:
    """One dump, open for reading; a context manager.

    Args:
        file: the zip.
        limits: what it may ask of this machine.
        rows_per_chunk: about how many rows a chunk has.

    Attributes:
        code: the category's code, by which the CSV is named.
        api_version: `v1.1.0` or `v0.1.0`, by its columns.
        carried: the product columns that it says something about.
        header: its first line, which names its columns.
        dated_at: when the CSV was written, as the zip says; see `Archive.dated_at`.
        byte_count: size of the CSV; the chunks' sizes and the header's add up to it.
    """

    def __init__(
        self, file: Path, limits: DumpLimits | None = None, *, rows_per_chunk: int = ROWS_PER_CHUNK
    ) -> None:
        """Open the zip and read the header.

        Raises:
            PageBrokenError: it is no zip, or a damaged one.
            RequestRefusedError: it is not one plain CSV of a dump within the limits.
            OSError: the file cannot be read.
        """
        limits = limits or DumpLimits()
        self._archive = Archive(file, limits)
        try:
            header = Header.parse(self._archive.read_line(MOST_BYTES))
        except BaseException:
            self._archive.close()
            raise
        self.code, self.dated_at = self._archive.code, self._archive.dated_at
        self.byte_count = self._archive.byte_count
        self.api_version, self.carried = header.api_version, header.carried
        self.header = header.text
        self._cutter = Cutter(self._archive, limits.row_bytes, rows_per_chunk)
        self._reader = TableReader(header)

    def __enter__(self) -> Self:
        """Return the dump itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self._archive.close()

    def chunks(self) -> Iterator[DumpChunk]:
        """Yield every row of the dump; once.

        Raises:
            PageBrokenError: the zip is damaged; known at the latest with its last chunk, so that
                nothing is to be merged before the end.
            RequestRefusedError: a row is longer than the limit.
        """
        first_row = 0
        for block in self._cutter.blocks():
            table = self._reader.read(block.pieces)
            if table.row_count:
                yield _chunk(block, table, first_row)
            first_row += table.row_count


def _chunk(block: Block, table: Table, first_row: int) -> DumpChunk:
    return DumpChunk(
        frame=typed(table.raw),
        rejected=table.rejected,
        first_row=first_row,
        first_line=block.pieces[0].line,
        row_count=table.row_count,
        repaired_count=table.repaired_count,
        stray_byte_count=block.stray_byte_count,
        byte_count=sum(len(piece.raw) for piece in block.pieces),
    )
