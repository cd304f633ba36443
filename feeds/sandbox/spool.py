"""Encoded pages on disk: each is encoded once and kept as bytes, only its place is in memory."""

import os
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock


@dataclass(frozen=True, slots=True)
class Sheet:
    """One encoded answer without its head.

    Attributes:
        body: The bytes after the head.
        next_place: Where the next page starts, None after the last page.
    """

    body: bytes
    next_place: int | None


class Spool:
    """The sheets of one edition of one category, in one nameless file."""

    def __init__(self) -> None:
        """Start without a file; the first sheet opens it."""
        self._file = -1
        self._end = 0
        self._index: dict[tuple[object, ...], tuple[int, int, int | None]] = {}
        self._edition: object = None
        self._lock = Lock()

    def get(self, edition: object, key: tuple[object, ...]) -> Sheet | None:
        """The sheet kept under a key, if it is of this edition."""
        with self._lock:
            found = self._index.get(key) if edition == self._edition else None
            if found is None:
                return None
            start, length, next_place = found
            return Sheet(os.pread(self._file, length, start), next_place)

    def put(self, edition: object, key: tuple[object, ...], sheet: Sheet) -> None:
        """Keep a sheet; the first one of a new edition drops all older ones."""
        with self._lock:
            if edition != self._edition:
                self._drop()
                self._edition = edition
            if self._file < 0:
                with TemporaryFile() as file:
                    self._file = os.dup(file.fileno())
            os.pwrite(self._file, sheet.body, self._end)
            self._index[key] = self._end, len(sheet.body), sheet.next_place
            self._end += len(sheet.body)

    def close(self) -> None:
        """Drop every sheet and the file."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._end = -1, 0
        self._index.clear()
