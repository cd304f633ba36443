"""The zip of a dump: one CSV, unzipped as a stream, and nothing in it taken on trust.

The name in the zip is only compared, never used as a path. Sizes are checked before the first
byte is unzipped, and no more bytes are unzipped than were declared.
"""

from __future__ import annotations

import errno
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from feeds.errors import PageBrokenError, RequestRefusedError

_NAME = re.compile(r"(?i)[\w.-]+\.csv")
_ENCRYPTED = 1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)
_INSTEAD = "mirror the category by its product feed instead"


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """What a dump may ask of this machine.

    Attributes:
        member_bytes: largest CSV, unzipped; the vendor's largest has 6 GB.
        ratio: how many times larger than the zip its CSV may be; CSV shrinks to a tenth, and
            deflate cannot go beyond 1,032.
        row_bytes: longest row; memory is bounded by it.
    """

    member_bytes: int = 64 * 1024**3
    ratio: float = 250
    row_bytes: int = 8 * 1024**2


class Archive:
    """A zip that holds one CSV, open for reading; a context manager.

    Attributes:
        code: the category's code, by which the CSV is named.
        dated_at: when the CSV was written, as the zip says, which names no time zone: taken as
            UTC. None where it is no date. See `feeds.dump.age` for what it is worth.
        byte_count: size of the CSV.
    """

    def __init__(self, file: Path, limits: DumpLimits) -> None:
        """Open the zip and check what it declares.

        Raises:
            PageBrokenError: it is no zip, or a damaged one.
            RequestRefusedError: it is not one plain CSV within the limits.
            OSError: the file cannot be read.
        """
        self._shown = file.name
        with self._damage_told():
            self._zip = zipfile.ZipFile(file)
        try:
            member = self._only_member()
            self._check_kind(member)
            self._check_size(member, limits, file.stat().st_size)
            with self._damage_told():
                self._stream = self._zip.open(member)
        except BaseException:
            self._zip.close()
            raise
        self.code = member.filename[: -len(".csv")]
        self.dated_at = _moment(member)
        self.byte_count = member.file_size

    def __enter__(self) -> Self:
        """Return the archive itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self.close()

    def close(self) -> None:
        """Close the zip."""
        self._stream.close()
        self._zip.close()

    def read(self, size: int) -> bytes:
        """Return the next bytes of the CSV, at most `size`; none at its end.

        Raises:
            PageBrokenError: the zip is damaged; known at the latest with the last byte.
        """
        with self._damage_told():
            return self._stream.read(size)

    def read_line(self, size: int) -> bytes:
        """Return the rest of a line, at most `size` bytes of it.

        Raises:
            PageBrokenError: the zip is damaged.
        """
        with self._damage_told():
            return self._stream.readline(size)

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (*_DAMAGES, OSError) as error:
            # A damaged directory names places before the file begins: no fault of the disk.
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            message = f"{self._shown} cannot be unzipped ({error}); download it again"
            raise PageBrokenError(message) from error

    def _only_member(self) -> zipfile.ZipInfo:
        members = [one for one in self._zip.infolist() if not one.is_dir()]
        if len(members) != 1:
            raise RequestRefusedError(
                f"{self._shown} holds {len(members)} files where one CSV is expected; {_INSTEAD}"
            )
        return members[0]

    def _check_kind(self, member: zipfile.ZipInfo) -> None:
        if not _NAME.fullmatch(member.filename):
            shown = member.filename[:80]
            raise RequestRefusedError(f"{self._shown} holds {shown!r}, no plain CSV; {_INSTEAD}")
        if member.flag_bits & _ENCRYPTED:
            raise RequestRefusedError(f"the CSV in {self._shown} is encrypted; {_INSTEAD}")
        if member.compress_type not in _METHODS:
            raise RequestRefusedError(
                f"the CSV in {self._shown} is compressed by method {member.compress_type}, "
                f"not by deflate; {_INSTEAD}"
            )

    def _check_size(self, member: zipfile.ZipInfo, limits: DumpLimits, zip_bytes: int) -> None:
        if member.file_size > limits.member_bytes:
            raise RequestRefusedError(
                f"the CSV in {self._shown} has {member.file_size:,} bytes, over the limit of "
                f"{limits.member_bytes:,}; {_INSTEAD}"
            )
        if member.file_size > limits.ratio * zip_bytes:
            raise RequestRefusedError(
                f"the CSV in {self._shown} is over {limits.ratio:g} times as large as the zip; "
                f"{_INSTEAD}"
            )


def _moment(member: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None
