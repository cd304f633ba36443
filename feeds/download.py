"""Downloading a dump to a file: streamed, resumed where it broke off, bounded.

Beside the file grow `<name>.part`, the bytes so far, and `<name>.part.json`, which says what they
are the start of: the link's path without its signature, and the server's mark (`ETag` or
`Last-Modified`) of that very content. Only under the same mark are the bytes gone on with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from feeds.client import Client
from feeds.content_coding import CodingError, TooLongError, unpack_file
from feeds.errors import (
    PageBrokenError,
    RequestRefusedError,
    RetryError,
    UpstreamFailedError,
)
from feeds.signed_url import SignedUrl

MAX_BYTES = 16 * 1024**3
"""A zip this large is no dump: the vendor's largest CSV has 6 GB before it is zipped."""

Progress = Callable[[int, int | None], None]
"""Told how many bytes are there, and how many there will be; None where nobody said."""

_WORTHWHILE_BYTES = 1024**2
_SLOWEST_SECONDS = 300.0
"""For a MiB: who sends a byte now and then is never silent, and never done."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is complete.

    Attributes:
        file: where it is.
        byte_count: its size.
        resumed_at: how many of its bytes were there before the last request; 0 for none.
        modified_at: when the server says that it was made, UTC; None where it does not.
    """

    file: Path
    byte_count: int
    resumed_at: int
    modified_at: datetime | None


class _Mark(msgspec.Struct, frozen=True):
    """What tells one content from another; nothing in it opens anything."""

    path: str
    etag: str | None
    last_modified: str | None
    byte_count: int | None

    @classmethod
    def of(cls, url: SignedUrl, response: httpx.Response, byte_count: int | None) -> _Mark:
        headers = response.headers
        return cls(url.path, headers.get("etag"), headers.get("last-modified"), byte_count)

    @property
    def validator(self) -> str | None:
        """What `If-Range` takes: an ETag unless it is a weak one, else the date."""
        etag = self.etag or ""
        return etag if etag.startswith('"') else self.last_modified

    @property
    def is_resumable(self) -> bool:
        """Whether the rest can be asked for, and told to be the rest."""
        return bool(self.validator and self.byte_count)

    def fits(self, other: _Mark) -> bool:
        """Return whether the other is the same content, as far as it says."""
        return other.etag in {None, self.etag} and other.last_modified in {
            None,
            self.last_modified,
        }


async def download(
    client: Client,
    url: SignedUrl,
    file: Path,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Progress | None = None,
) -> Downloaded:
    """Download what a signed link leads to; go on where an earlier call broke off.

    A redirect is followed to any path of the client's host; to another host only over https (or
    from loopback to loopback), and then without the account's headers.

    Args:
        client: asks, under its budget and with its patience.
        url: the link, from a dump directory that was just read.
        file: where to put it; replaced when the download is complete, not before.
        max_bytes: a longer answer is refused.
        progress: told after every piece that came.

    Raises:
        FeedError: one of the tree in `feeds.errors`; what came is kept for the next call.
        OSError: the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(client, url, file, max_bytes, progress or _ignored)
    most = 0
    while True:
        try:
            return await client.patiently(transfer.once)
        except RetryError:
            # A long file over a poor line: as long as it grows, it is worth going on.
            if transfer.size < most + _WORTHWHILE_BYTES:
                raise
            most = transfer.size


def may_leave(source: SignedUrl, target: SignedUrl) -> bool:
    """Return whether a link's redirect may be followed to another host.

    The vendor says that the links of dumps redirect to a zipped file, and not where that is.
    """
    if "@" in target.origin:
        return False
    if target.origin.startswith("https://"):
        return True
    return _is_loopback(source) and _is_loopback(target)


class _Transfer:
    """One file on its way."""

    def __init__(
        self, client: Client, url: SignedUrl, file: Path, max_bytes: int, progress: Progress
    ) -> None:
        self._client, self._url, self._file = client, url, file
        self._max_bytes, self._progress = max_bytes, progress
        self._part = file.with_name(f"{file.name}.part")
        self._sidecar = file.with_name(f"{file.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes there so far."""
        return self._part.stat().st_size if self._part.exists() else 0

    async def once(self) -> Downloaded:
        """Ask once for what is missing."""
        mark = self._read_mark()
        start = self.size if mark and mark.is_resumable else 0
        headers = {"Accept-Encoding": "identity"}  # a range counts the bytes as they are stored
        if mark and start:
            headers |= {"Range": f"bytes={start}-", "If-Range": mark.validator or ""}
        async with self._client.answer(
            self._url,
            headers=headers,
            accepted=(200, 206, 416) if start else (200,),
            may_leave=may_leave,
        ) as response:
            if mark and start and response.status_code != httpx.codes.OK:
                start = self._resumed(response, mark, start)
            else:
                start, mark = 0, self._restarted(response)
            if start != mark.byte_count:
                await self._receive(response, mark)
        # What is unpacked is no start of what comes packed: it must not be gone on with.
        self._sidecar.unlink(missing_ok=True)
        await asyncio.to_thread(self._unpack, response.headers.get("content-encoding", ""))
        self._part.replace(self._file)
        return Downloaded(self._file, self._file.stat().st_size, start, _modified_at(mark))

    def _resumed(self, response: httpx.Response, mark: _Mark, start: int) -> int:
        """Check that the answer is the rest of what is there."""
        said = response.headers.get("content-range", "")
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            is_right = said.startswith(f"bytes {start}-") and said.endswith(
                (f"/{mark.byte_count}", "/*")
            )
        else:
            is_right = said == f"bytes */{mark.byte_count}" and start == mark.byte_count
        if is_right and mark.fits(_Mark.of(self._url, response, None)):
            return start
        self._discard()
        raise UpstreamFailedError(f"{self._url!r} answered another part; try again later")

    def _restarted(self, response: httpx.Response) -> _Mark:
        """Forget what is there: the answer is the whole file, or the start of another one."""
        length = response.headers.get("content-length", "")
        mark = _Mark.of(self._url, response, int(length) if length.isdecimal() else None)
        self._check_size(mark.byte_count or 0)
        self._part.write_bytes(b"")
        self._sidecar.write_bytes(msgspec.json.encode(mark))
        return mark

    async def _receive(self, response: httpx.Response, mark: _Mark) -> None:
        size = noted = self.size
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_SLOWEST_SECONDS) as patience:
            with self._part.open("ab", buffering=_WORTHWHILE_BYTES) as file:
                async for piece in response.aiter_raw():
                    size += len(piece)
                    self._check_size(size)
                    file.write(piece)
                    self._client.received_bytes += len(piece)
                    self._progress(size, mark.byte_count)
                    if size >= noted + _WORTHWHILE_BYTES:
                        noted = size
                        patience.reschedule(loop.time() + _SLOWEST_SECONDS)
        if mark.byte_count not in {None, size}:
            self._discard()
            raise UpstreamFailedError(f"{self._url!r} came in another length; try again later")

    def _unpack(self, coding: str) -> None:
        """Take the codings away in which the file came though none was asked for."""
        try:
            unpack_file(self._part, coding, self._max_bytes)
        except CodingError as error:
            self._discard()
            raise PageBrokenError(f"{self._url!r} {error}; try again later") from error
        except TooLongError as error:
            raise self._too_long() from error

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise self._too_long()

    def _too_long(self) -> RequestRefusedError:
        self._discard()
        limit = self._max_bytes // 1024**2
        return RequestRefusedError(
            f"{self._url!r} is over {limit} MiB long and was cut off; use the feed instead"
        )

    def _read_mark(self) -> _Mark | None:
        try:
            mark = msgspec.json.decode(self._sidecar.read_bytes(), type=_Mark)
        except (OSError, msgspec.DecodeError):
            return None
        return mark if mark.path == self._url.path else None

    def _discard(self) -> None:
        self._part.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)


def _modified_at(mark: _Mark) -> datetime | None:
    try:
        moment = parsedate_to_datetime(mark.last_modified or "")
        # `-0000` and no zone at all give a time without a zone, which HTTP means as UTC.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _is_loopback(url: SignedUrl) -> bool:
    host = urlsplit(url.origin).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _ignored(_: int, __: int | None) -> None:
    """Tell nobody."""
