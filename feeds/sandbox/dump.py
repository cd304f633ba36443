"""A category as the vendor's raw file: a zip that holds one CSV of all its products.

The header goes by the vendor's reference and captured print-outs. Some rows are as broken as real
ones: quotes that are not doubled, so that the row comes apart, and bytes that are not UTF-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from feeds.sandbox.catalogue import Category, Record
from feeds.sandbox.column import COLUMNS
from feeds.sandbox.form import Api

_STRAY = "\udc92"  # a byte of Windows text, kept apart until the row is encoded
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Flaws:
    """How often a row is broken.

    Attributes:
        misquoted_every: Every how many rows one has quotes that are not doubled; 0 for never.
        stray_byte_every: Every how many rows one has a byte that is not UTF-8; 0 for never.
    """

    misquoted_every: int
    stray_byte_every: int


def write_dump(category: Category, api: Api, file: Path, written_on: date, flaws: Flaws) -> int:
    """Write a category's zip, row by row.

    Args:
        category: What to write.
        api: The version, which decides the columns.
        file: Where to write; it is replaced.
        written_on: The date that the CSV in the zip carries.
        flaws: How often a row is broken.

    Returns:
        The number of rows, the header not counted.
    """
    member = ZipInfo(f"{category.code}.csv", (*written_on.timetuple()[:3], 0, 0, 0))
    member.compress_type = ZIP_DEFLATED
    count = 0
    with (
        ZipFile(file, "w", compresslevel=_COMPRESSION) as archive,
        archive.open(member, "w", force_zip64=True) as out,
    ):
        out.write(_line(list(COLUMNS[api])))
        for record in _records(category):
            count += 1
            out.write(_row(record, api, count, flaws))
    return count


def _records(category: Category) -> Iterator[Record]:
    for slot in range(len(category)):
        if record := category.record(slot):
            yield record


def _row(record: Record, api: Api, number: int, flaws: Flaws) -> bytes:
    fields = [_text(value(record)) for value in COLUMNS[api].values()]
    if flaws.stray_byte_every and number % flaws.stray_byte_every == 0:
        fields[1] = f"{fields[1]}{_STRAY}s"
    if flaws.misquoted_every and number % flaws.misquoted_every == 0:
        return _misquoted(fields, number // flaws.misquoted_every)
    return _line(fields)


def _line(fields: list[str]) -> bytes:
    return (",".join(map(_quoted, fields)) + "\n").encode("utf-8", "surrogateescape")


def _misquoted(fields: list[str], turn: int) -> bytes:
    """A row that comes apart: into many more fields, or by one and then loses its last."""
    quoted = [_quoted(field) for field in fields]
    if turn % 3:
        parts = ", ".join(f'part "{part}, with all its screws"' for part in range(1, 4 + turn % 9))
        quoted[2] = f'"The so-called "smart, light, quick" one has {parts}"'
    else:
        quoted[2] = '"A "plain, honest" one"'
        quoted.pop()
    return (",".join(quoted) + "\n").encode("utf-8", "surrogateescape")


def _quoted(field: str) -> str:
    if any(mark in field for mark in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
