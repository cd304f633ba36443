"""The zip of a dump: what is refused before it does harm."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from feeds.dump.archive import Archive, DumpLimits
from feeds.dump.dump import Dump, DumpChunk
from feeds.errors import PageBrokenError, RequestRefusedError
from tests.feeds.dumps import HEADER, fields, line, packed, product_id, read, zipped

ROWS = [line(fields(number)) for number in range(200)]


def patched(file: Path, old: bytes, new: bytes) -> Path:
    """Put other bytes in a file wherever these stand."""
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new))
    return file


def flagged(file: Path, flag: int) -> Path:
    """Set a flag of the member, in its own header and in the zip's list."""
    content = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= flag
    file.write_bytes(content)
    return file


def test_plain_zip(tmp_path: Path) -> None:
    """Name, date and size are known before a byte is unzipped."""
    file = zipped(tmp_path / "d.zip", ROWS)
    with Archive(file, DumpLimits()) as archive:
        assert archive.code == "abc-d3f"
        assert archive.dated_at == datetime(2017, 1, 3, 4, 5, 6, tzinfo=UTC)
        assert archive.byte_count == sum(len(row) + 1 for row in [HEADER, *ROWS])


def test_date_that_is_none(tmp_path: Path) -> None:
    """A zip without a date is read all the same."""
    file = zipped(tmp_path / "d.zip", ROWS)
    moment = struct.pack("<HH", 4 << 11 | 5 << 5 | 3, (2017 - 1980) << 9 | 1 << 5 | 3)
    with Dump(patched(file, moment, bytes(4))) as dump:
        assert dump.dated_at is None


def test_stored_without_compression(tmp_path: Path) -> None:
    """A member that is only stored is as good."""
    with ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("abc.csv", "\n".join([HEADER, *ROWS]))
    assert len(read(tmp_path / "d.zip").ids) == 200


def test_zip64(tmp_path: Path) -> None:
    """A zip that is written for members over 4 GB is read."""
    with (
        ZipFile(tmp_path / "d.zip", "w", ZIP_DEFLATED) as archive,
        archive.open("abc.csv", "w", force_zip64=True) as out,
    ):
        out.write("\n".join([HEADER, *ROWS]).encode())
    assert len(read(tmp_path / "d.zip").ids) == 200


@pytest.mark.parametrize(
    "name",
    ["../abc.csv", "/etc/abc.csv", "a/b.csv", "a\\b.csv", "abc.txt", ".csv", "a\nb.csv", "C:a.csv"],
)
def test_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    """Anything but a plain `<code>.csv` is refused, and nothing is written anywhere."""
    file = packed(tmp_path / "d.zip", b"x", name="placeholder")
    with ZipFile(file, "w") as archive:
        member = ZipInfo("placeholder")
        member.filename = name
        archive.writestr(member, "x")
    with pytest.raises(RequestRefusedError, match="no plain CSV") as error:
        Dump(file)
    assert "\n" not in str(error.value)
    assert [one.name for one in tmp_path.iterdir()] == ["d.zip"]


@pytest.mark.parametrize("count", [0, 2, 500])
def test_one_member_and_no_other(tmp_path: Path, count: int) -> None:
    """A zip of no or several files is not taken for a dump."""
    with ZipFile(tmp_path / "d.zip", "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", HEADER)
    with pytest.raises(RequestRefusedError, match=f"holds {count} files"):
        Dump(tmp_path / "d.zip")


def test_encrypted_member(tmp_path: Path) -> None:
    """A member that asks for a password is refused by name."""
    with pytest.raises(RequestRefusedError, match="encrypted"):
        Dump(flagged(zipped(tmp_path / "d.zip", ROWS), 1))


def test_other_compression(tmp_path: Path) -> None:
    """Only what the vendor uses is unzipped."""
    with ZipFile(tmp_path / "d.zip", "w", ZIP_BZIP2) as archive:
        archive.writestr("abc.csv", HEADER)
    with pytest.raises(RequestRefusedError, match="method 12"):
        Dump(tmp_path / "d.zip")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (DumpLimits(member_bytes=1000), "over the limit of 1,000"),
        (DumpLimits(ratio=2), "over 2 times as large"),
    ],
)
def test_limits(tmp_path: Path, limits: DumpLimits, words: str) -> None:
    """Size and ratio are refused by what the zip declares."""
    with pytest.raises(RequestRefusedError, match=words):
        Dump(zipped(tmp_path / "d.zip", ROWS), limits)


def test_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """Of a member that is larger than declared no more than that is unzipped."""
    content = f"{HEADER}\n".encode() + b"\n" * 50_000_000
    file = packed(tmp_path / "d.zip", content)
    size = len(HEADER) + 100
    patched(file, struct.pack("<I", len(content)), struct.pack("<I", size))
    received: list[bytes] = []
    with (
        Archive(file, DumpLimits()) as archive,
        pytest.raises(PageBrokenError, match="cannot be unzipped"),
    ):
        received.extend(iter(partial(archive.read, 1024), b""))
    assert len(b"".join(received)) <= size


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_zip_that_came_short(tmp_path: Path, kept: float) -> None:
    """A part of a zip is told as damage, to be downloaded again."""
    file = zipped(tmp_path / "d.zip", ROWS)
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if kept < 1 else int(kept)])
    with pytest.raises(PageBrokenError, match="download it again"):
        read(file)


@pytest.mark.parametrize("offset", [60, 200, 400, 1000])
def test_damaged_bytes(tmp_path: Path, offset: int) -> None:
    """A byte that was turned over is noticed at the latest at the end."""
    file = zipped(tmp_path / "d.zip", ROWS)
    content = bytearray(file.read_bytes())
    content[offset] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises((PageBrokenError, RequestRefusedError)):
        read(file)


@pytest.mark.parametrize("content", [b"", b"<html>maintenance</html>", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    """A maintenance page in place of a zip, or a zip of nothing."""
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises((PageBrokenError, RequestRefusedError)) as error:
        Dump(tmp_path / "d.zip")
    assert "\n" not in str(error.value)


def test_damage_is_told_where_it_is(tmp_path: Path) -> None:
    """Chunks come as they are unzipped, right as far as the zip is."""
    rows = [line(fields(number, description=str(number * 7919) * 30)) for number in range(60_000)]
    file = zipped(tmp_path / "d.zip", rows)
    content = bytearray(file.read_bytes())
    content[len(content) * 3 // 4] ^= 0xFF
    file.write_bytes(content)
    chunks: list[DumpChunk] = []
    with pytest.raises(PageBrokenError, match="download it again"), Dump(file) as dump:
        chunks.extend(dump.chunks())
    first = chunks[0]

    assert first.rejected == []
    assert first.frame["product_id"].to_list() == [product_id(n) for n in range(first.row_count)]


def test_a_directory_that_names_places_outside_is_damage(tmp_path: Path) -> None:
    """The offset of the zip's directory, its last field but one, points beyond the file."""
    file = zipped(tmp_path / "d.zip", [line(fields(1))])
    whole = bytearray(file.read_bytes())
    whole[-3] = 1
    file.write_bytes(whole)
    with pytest.raises(PageBrokenError, match="cannot be unzipped"):
        read(file)
