"""Bodies in codings: what the header says, and what the body shows."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest

from feeds.content_coding import CodingError, TooLongError, unpack_file, unpacked

PAGE = b' \n{"products": []}' * 50
MIB = 1024**2


def deflated(body: bytes) -> bytes:
    """Return a body as raw deflate, which some servers take `deflate` for."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(body) + engine.flush()


CODED = {
    "plain": ("", PAGE),
    **{
        f"plain that is said to be {said!r}": (said, PAGE)
        for said in ("identity", "utf-8", "UTF-8", "none", "binary", "gzip", "deflate", "br", ",,")
    },
    **{
        f"gzip that is said to be {said!r}": (said, gzip.compress(PAGE))
        for said in ("gzip", "GZIP", "x-gzip", " X-GZip ", '"gzip"', "gzip, identity", "", "none")
    },
    "gzip that is said to be another": ("br", gzip.compress(PAGE)),
    "gzip in two members": ("gzip", gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:])),
    "gzip with padding": ("gzip", gzip.compress(PAGE) + b"\0" * 100),
    "gzip twice": ("gzip", gzip.compress(gzip.compress(PAGE))),
    "gzip thrice": ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(PAGE)))),
    "zlib": ("deflate", zlib.compress(PAGE)),
    "zlib without a word": ("", zlib.compress(PAGE)),
    "raw deflate": ("deflate", deflated(PAGE)),
    "deflate and gzip": ("deflate, gzip", gzip.compress(deflated(PAGE))),
    "XML": ("none", gzip.compress(b"<a/>")),
    "a page with a mark": ("x", b"\xef\xbb\xbf{}"),
    "nothing": ("gzip", b""),
    "what is no page": ("", b"no such thing"),
}


@pytest.mark.parametrize(("said", "body"), CODED.values(), ids=CODED)
def test_a_body_is_unpacked_as_it_shows_itself(said: str, body: bytes, tmp_path: Path) -> None:
    """In memory and in a file."""
    plain = unpacked(body, said, MIB)
    assert plain in {PAGE, b"<a/>", b"\xef\xbb\xbf{}", b"", b"no such thing"}
    file = tmp_path / "body"
    file.write_bytes(body)
    unpack_file(file, said, MIB)
    assert file.read_bytes() == plain
    assert [one.name for one in tmp_path.iterdir()] == ["body"]


BROKEN = {
    "br": ("br", b"\x0b\x02\x80", "came in the coding 'br', which was not asked for"),
    "zstd": ("zstd", b"\x28\xb5\x2f\xfd", "came in the coding 'zstd'"),
    "compress": ("gzip, compress", b"\x1f\x9d\x90", "came in the coding 'compress'"),
    "no end": ("gzip", gzip.compress(PAGE)[:-9], "came without its end"),
    "damage": ("gzip", gzip.compress(PAGE)[:20] + b"x" * 50, "came garbled"),
    "no deflate": ("deflate", b"\xff" * 10, "came garbled"),
    "four times": (
        "gzip",
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(PAGE)))),
        "is zipped more than 3 times",
    ),
}


@pytest.mark.parametrize(("said", "body", "says"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_unpacked_is_told(said: str, body: bytes, says: str, tmp_path: Path) -> None:
    """And no page is made of its beginning."""
    with pytest.raises(CodingError, match=says):
        unpacked(body, said, MIB)
    (tmp_path / "body").write_bytes(body)
    with pytest.raises(CodingError, match=says):
        unpack_file(tmp_path / "body", said, MIB)
    assert [one.name for one in tmp_path.iterdir()] == ["body"]


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("size", [MIB + 1, 16 * MIB, 48 * MIB + 5])
def test_every_layer_is_bounded(times: int, size: int, tmp_path: Path) -> None:
    """A bomb in a bomb is cut off as a bomb is; what just fits is whole."""
    body = b" " * size
    for _ in range(times):
        body = gzip.compress(body, 1)
    with pytest.raises(TooLongError):
        unpacked(body, "gzip", size - 1)
    assert len(unpacked(body, "gzip", size)) == size
    (tmp_path / "body").write_bytes(body)
    with pytest.raises(TooLongError):
        unpack_file(tmp_path / "body", "gzip", size - 1)


def test_raw_deflate_is_whole_to_its_last_byte() -> None:
    """It has no trailer that would be left to read when a step is full."""
    assert len(unpacked(deflated(b" " * 32 * MIB), "deflate", 64 * MIB)) == 32 * MIB
