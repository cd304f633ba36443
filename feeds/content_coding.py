"""How an answer's body is coded on its way: what `Content-Encoding` says, and what the body shows.

Only gzip is asked for, and servers write other things: `x-gzip`, which is gzip (RFC 9110, 8.4.1.3),
`identity`, nothing, or what is no coding at all, such as `utf-8` or `none`; and they zip a body and
do not say so, or zip it twice. A page begins with `{`, `[` or `<` and a dump with `PK`, a zipped
body with other bytes. So a body is unpacked as it shows itself, whatever the header says.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

_GZIP = b"\x1f\x8b"
_MOST_LAYERS = 3
"""A body can be zipped so that it unpacks to itself, for ever."""

_START = 64
_PIECE = 1024**2
_STEP = 16 * 1024**2
_AS_GZIP, _AS_ZLIB, _AS_DEFLATE = 31, 15, -15
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*(?:[{\[<]|PK|\Z)")
_UNREADABLE = frozenset(
    {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"}
)
"""Codings of the IANA registry that the standard library cannot unpack."""


class CodingError(ValueError):
    """A body cannot be unpacked."""


class TooLongError(ValueError):
    """A body is longer than it may be, in one of its layers."""


def unpacked(body: bytes, said: str, most: int) -> bytes:
    """Return a body without the codings that it came in.

    Args:
        body: what came.
        said: the value of `Content-Encoding`; empty for none.
        most: bytes that it may have, in every layer.

    Raises:
        CodingError: it is in a coding that cannot be read, or its end is missing.
        TooLongError: it is longer.
    """
    layers = 0
    while (kind := _kind_of(body, said)) is not None:
        layers = _one_more(layers)
        body = b"".join(_inflated([body], kind, most))
    return body


def unpack_file(file: Path, said: str, most: int) -> None:
    """Take the codings that it came in from a file, without holding it in memory.

    Args:
        file: the body; replaced where it is unpacked.
        said: as of `unpacked`.
        most: likewise.

    Raises:
        CodingError: as `unpacked`; the file is as it was then, or less packed.
        TooLongError: likewise.
        OSError: it cannot be written.
    """
    layers = 0
    made = file.with_name(f"{file.name}.unpacked")
    try:
        while True:
            with file.open("rb") as packed:
                kind = _kind_of(packed.read(_START), said)
                if kind is None:
                    return
                layers = _one_more(layers)
                packed.seek(0)
                pieces = iter(partial(packed.read, _PIECE), b"")
                with made.open("wb") as out:
                    out.writelines(_inflated(pieces, kind, most))
            made.replace(file)
    finally:
        made.unlink(missing_ok=True)


def _one_more(layers: int) -> int:
    if layers == _MOST_LAYERS:
        raise CodingError(f"is zipped more than {_MOST_LAYERS} times")
    return layers + 1


def _kind_of(start: bytes, said: str) -> int | None:
    """Return how zlib reads a body that begins so, as its `wbits`; None where it is not zipped.

    Raises:
        CodingError: it is in a coding that cannot be read.
    """
    if start.startswith(_GZIP):
        return _AS_GZIP
    if _PLAIN.match(start):
        return None
    is_zlib = start[0] == 0x78 and int.from_bytes(start[:2]) % 31 == 0  # noqa: PLR2004 - RFC 1950
    if is_zlib:
        return _AS_ZLIB
    names = _codings(said)
    if unreadable := next((name for name in names if name in _UNREADABLE), None):
        raise CodingError(f"came in the coding {unreadable!r}, which was not asked for")
    return _AS_DEFLATE if "deflate" in names else None


def _codings(said: str) -> list[str]:
    return [name for one in said.lower().split(",") if (name := one.strip(" \t\"'"))]


def _inflated(pieces: Iterable[bytes], kind: int, most: int) -> Iterator[bytes]:
    """Yield what pieces of a zipped body unpack to.

    Args:
        pieces: of the body, in order.
        kind: from `_kind_of`.
        most: bytes that may come out.

    Raises:
        CodingError: it is damaged, or its end is missing.
        TooLongError: more would come out.
    """
    engine = zlib.decompressobj(kind)
    size = 0
    for piece in pieces:
        rest, is_full = piece, False
        while rest or is_full:
            if engine.eof:
                # What stands behind is another member, or padding.
                if rest[:1] != _GZIP[:1]:
                    return
                engine = zlib.decompressobj(kind)
            try:
                made = engine.decompress(rest, _STEP)
            except zlib.error as error:
                raise CodingError(f"came garbled ({error})") from error
            size += len(made)
            if size > most:
                raise TooLongError
            yield made
            is_full = len(made) == _STEP and not engine.eof
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
    if not engine.eof:
        raise CodingError("came without its end")
