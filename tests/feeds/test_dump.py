"""Reading a dump: columns, chunks, texts, and rows that are no product."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from feeds.dump.archive import DumpLimits
from feeds.dump.dump import Dump
from feeds.errors import RequestRefusedError
from feeds.product.schema import FRAME_SCHEMA
from feeds.product.v0_csv import CARRIED_BY_V0_DUMP
from feeds.product.v1_csv import CARRIED_BY_V1_DUMP
from tests.feeds.dumps import (
    COLUMNS,
    HEADER,
    fields,
    line,
    packed,
    product_id,
    read,
    zipped,
)


def one(tmp_path: Path, **other: str) -> dict[str, object]:
    """Return what a row with these fields says."""
    found = read(zipped(tmp_path / "d.zip", [line(fields(1, **other))]))
    (row,) = found.frame.to_dicts()
    return row


def test_row_has_the_product_schema(tmp_path: Path) -> None:
    """Every column has its type; lists, maps, flags and amounts are what they are elsewhere."""
    file = zipped(tmp_path / "d.zip", [line(fields(1, sleeve="Full", idealFor="Men, Women"))])
    row = read(file).frame.to_dicts()[0]
    image = "http://img.invalid/image/shoe-{}-ima1.jpeg"

    assert read(file).frame.schema == FRAME_SCHEMA
    assert {name: value for name, value in row.items() if value is not None} == {
        "record_number": 0,
        "product_id": product_id(1),
        "title": "Shoe 1",
        "description": "Light, quick",
        "brand": "Feet & Co",
        "category_path": "Footwear>Shoes, Boots>Shoes",
        "product_url": f"http://dl.invalid/dl/shoe/p/itm1?pid={product_id(1)}",
        "image_urls": [
            {"key": "200x200", "value": image.format("200x200")},
            {"key": "400x400", "value": image.format("400x400")},
            {"key": "unknown", "value": image.format("original")},
        ],
        "mrp": Decimal("999.00"),
        "selling_price": Decimal("500.50"),
        "special_price": Decimal("450.00"),
        "discount_percentage": 49.0,
        "in_stock": True,
        "cod_available": False,
        "product_family": [product_id(1), product_id(2)],
        "seller_rating": 4.1,
        "seller_rating_count": 12,
        "key_specs": ["Type: Shoe", "Colour: Red"],
        "lifestyle": {"sleeve": "Full", "neck": None, "ideal_for": ["Men", "Women"]},
    }


@pytest.mark.parametrize(
    ("column", "text", "name", "value"),
    [
        ("mrp", "1.25E7", "mrp", Decimal("12500000.00")),
        ("mrp", "9999999999.99", "mrp", Decimal("9999999999.99")),
        ("sellerNoOfRatings", "7.0", "seller_rating_count", 7),
        ("inStock", "False", "in_stock", False),
        ("title", "  padded ", "title", "  padded "),
        ("title", "\x0b\x02", "title", "\x0b\x02"),
        ("title", "山田 🎧", "title", "山田 🎧"),
        ("title", "null", "title", "null"),
        ("description", 'a "b"\r\nc', "description", 'a "b"\r\nc'),
        ("productFamily", "[A1, B2]", "product_family", ["A1", "B2"]),
        ("productFamily", "[]", "product_family", None),
        ("productUrl", "http://x.invalid/p?pid=1&affid=me&q=2", "product_url", "http://x.invalid/p?pid=1&q=2"),
    ],
)  # fmt: skip
def test_field_is_read(tmp_path: Path, column: str, text: str, name: str, value: object) -> None:
    """Numbers in Java's spelling, flags, blanks, control characters and lists."""
    assert one(tmp_path, **{column: text})[name] == value


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("productId", "", "no_product_id"),
        ("mrp", "cheap", "bad_price"),
        ("mrp", "NaN", "bad_price"),
        ("shippingCharges", "-1", "bad_price"),
        ("sellingPrice", "10000000000", "bad_price"),
        ("inStock", "perhaps", "bad_value"),
        ("discount", "much", "bad_value"),
        ("sellerNoOfReviews", "1.5", "bad_value"),
        ("imageUrlStr", "a picture", "bad_value"),
    ],
)
def test_row_that_is_no_product(tmp_path: Path, column: str, text: str, reason: str) -> None:
    """A row whose field is not what its column holds stays out, and its neighbours stay in."""
    lines = [line(fields(0)), line(fields(1, **{column: text})), line(fields(2))]
    found = read(zipped(tmp_path / "d.zip", lines))

    assert found.ids == [product_id(0), product_id(2)]
    (reject,) = found.rejected
    assert (reject.reason, reject.line, reject.record_number) == (reason, 3, 1)
    assert reject.detail == f"line 3: {column} holds {text!r}"
    assert reject.raw == lines[1].encode()


def test_row_without_id_and_link(tmp_path: Path) -> None:
    """Nothing contradicts it, and it is no product all the same."""
    found = read(zipped(tmp_path / "d.zip", [line(fields(1, productId="", productUrl=""))]))

    assert found.ids == []
    assert [reject.reason for reject in found.rejected] == ["no_product_id"]


def test_columns_go_by_name(tmp_path: Path) -> None:
    """Any order, unknown columns, the reference's misspelling, a byte-order mark."""
    header = "\ufeffnews,title,categoies,isAvailable,productId"
    row = f"x,Shoe,Footwear>Shoes,false,{product_id(1)}"
    file = packed(tmp_path / "d.zip", f"{header}\r\n{row}\r\n".encode())
    with Dump(file) as dump:
        (chunk,) = dump.chunks()

    assert set(dump.carried) == {"title", "category_path", "is_available", "product_id"}
    assert chunk.frame["category_path"].to_list() == ["Footwear>Shoes"]
    assert chunk.frame["is_available"].to_list() == [False]


def test_rows_are_found_where_ids_do_not_come_first(tmp_path: Path) -> None:
    """Without an id at its start a row is told by its quotes."""
    rows = [f'"Shoe, {number}\nin two lines",{product_id(number)},1' for number in range(5000)]
    content = "\n".join(["title,productId,mrp", *rows]).encode()
    found = read(packed(tmp_path / "d.zip", content), rows_per_chunk=1)

    assert found.ids == [product_id(number) for number in range(5000)]


@pytest.mark.parametrize("header", ["", "a,b,c", "productId", "<html>,productId\n"])
def test_what_is_no_dump(tmp_path: Path, header: str) -> None:
    """A CSV without the columns of a dump is refused in one line."""
    with pytest.raises(RequestRefusedError, match="names of its columns") as error:
        Dump(packed(tmp_path / "d.zip", header.encode()))
    assert "\n" not in str(error.value)


def test_header_without_end(tmp_path: Path) -> None:
    """A first line that is too long for a header is refused, whatever it begins with."""
    file = packed(tmp_path / "d.zip", f"{HEADER},".encode() + b"x" * 70_000)
    with pytest.raises(RequestRefusedError, match="names of its columns"):
        Dump(file, DumpLimits(ratio=1000))


def test_dump_without_rows(tmp_path: Path) -> None:
    """A header alone gives no chunk."""
    assert read(packed(tmp_path / "d.zip", HEADER.encode())).chunks == []
    assert read(packed(tmp_path / "e.zip", f"{HEADER}\n\n\n".encode())).chunks == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("is_cut_short", [True, False])
def test_line_ends(tmp_path: Path, *, end: bytes, is_cut_short: bool) -> None:
    """Either line end, blank lines between, and none at the very end."""
    lines = [line(fields(0)), line(fields(1, description="x\ny")), "", line(fields(2))]
    file = zipped(tmp_path / "d.zip", lines, end=end)
    if is_cut_short:
        text = end.join([HEADER.encode(), *(one.encode() for one in lines)])
        file = packed(tmp_path / "d.zip", text)

    found = read(file)
    assert found.ids == [product_id(0), product_id(1), product_id(2)]
    assert found.rejected == []


def test_chunks_follow_each_other(tmp_path: Path) -> None:
    """Rows, lines and bytes of the chunks add up, with new lines inside texts."""
    size = 30_000
    lines = [
        line(fields(number, description="one\ntwo" if number % 3 == 0 else "one" * 20))
        for number in range(size)
    ]
    file = zipped(tmp_path / "d.zip", lines)
    found = read(file, rows_per_chunk=2000)

    assert len(found.chunks) > 3
    assert found.ids == [product_id(number) for number in range(size)]
    row, at = 0, 2
    for chunk in found.chunks:
        assert (chunk.first_row, chunk.first_line) == (row, at)
        assert chunk.frame["record_number"].to_list() == list(range(chunk.row_count))
        broken = sum(number % 3 == 0 for number in range(row, row + chunk.row_count))
        row, at = row + chunk.row_count, at + chunk.row_count + broken
    assert sum(chunk.byte_count for chunk in found.chunks) == len("\n".join(lines).encode()) + 1


def test_rows_that_look_like_rows_inside_a_text(tmp_path: Path) -> None:
    """Lines of a description that begin like rows are a description, wherever a chunk ends."""
    inner = "\n".join(f'{product_id(number)},"like, a row", 5"' for number in range(3))
    lines = [line(fields(number, description=inner)) for number in range(3000)]
    found = read(zipped(tmp_path / "d.zip", lines), rows_per_chunk=500)

    assert found.ids == [product_id(number) for number in range(3000)]
    assert found.frame["description"].unique().to_list() == [inner]


@pytest.mark.parametrize("byte", [b"\x92", b"\xff\xfe", b"\xc3", b"\xe2\x80"])
def test_bytes_that_are_not_utf8(tmp_path: Path, byte: bytes) -> None:
    """They become U+FFFD, are counted, and disturb nothing beside them."""
    lines = [line(fields(number)).encode() for number in range(3000)]
    lines[1500] = lines[1500].replace(b"Shoe 1500", b"Sho" + byte + b"e, 1500\xef\xbf\xbd", 1)
    lines[1500] = lines[1500].replace(b"Sho" + byte, b'"Sho' + byte, 1)
    lines[1500] = lines[1500].replace(b"1500\xef\xbf\xbd", b'1500\xef\xbf\xbd"', 1)
    found = read(zipped(tmp_path / "d.zip", lines))
    title = found.frame["title"][1500]

    assert found.row_count == 3000
    assert title.replace("\ufffd", "") == "Shoe, 1500"
    assert sum(chunk.stray_byte_count for chunk in found.chunks) == title.count("\ufffd") - 1


def test_rejected_row_keeps_its_bytes(tmp_path: Path) -> None:
    """The raw bytes of a rejected row are those of the file, not the mended text."""
    bad = line(fields(1, mrp="cheap")).encode().replace(b"Shoe", b"Sh\x92oe", 1)
    found = read(zipped(tmp_path / "d.zip", [line(fields(0)), bad]))

    assert [reject.raw for reject in found.rejected] == [bad]


def test_row_without_end(tmp_path: Path) -> None:
    """A row longer than the limit is refused, before it fills the memory."""
    file = packed(tmp_path / "d.zip", f"{HEADER}\n".encode() + b'"' + b"x" * 20_000_000)
    with pytest.raises(RequestRefusedError, match="over 1,000,000 bytes"):
        read(file, DumpLimits(row_bytes=1_000_000, ratio=10_000))


def test_every_row_broken(tmp_path: Path) -> None:
    """A dump whose every row is misquoted is read all the same."""
    text = 'a "b, c" d'
    lines = [line(fields(number, description=text), ["description"]) for number in range(500)]
    found = read(zipped(tmp_path / "d.zip", lines))

    assert found.repaired_count == 500
    assert found.frame["description"].unique().to_list() == [text]


def test_ids_beside_the_rows_own(tmp_path: Path) -> None:
    """A link to another product is no fault of an otherwise good row."""
    url = f"http://dl.invalid/p?pid={product_id(9)}"
    lines = [line(fields(number, productUrl=url)) for number in range(3)]
    found = read(zipped(tmp_path / "d.zip", lines))

    assert found.ids == [product_id(number) for number in range(3)]
    assert found.rejected == []


@pytest.mark.captures
def test_printed_row(captures: Path, tmp_path: Path) -> None:
    """A row that somebody printed column by column is read as it was printed."""
    printed = next((captures / "csv_dump_printouts").glob("row0*")).read_text().splitlines()
    cells = [text.split("   ", 1) for text in printed if "   " in text]
    row = {name: "" if value.strip() == "NaN" else value.rstrip() for name, value in cells}
    for flag in ("inStock", "codAvailable"):
        row[flag] = row[flag].lower()
    found = read(zipped(tmp_path / "d.zip", [line(row)])).frame

    assert tuple(row) == COLUMNS
    assert [one["key"] for one in found["image_urls"][0]] == [
        "200x200",
        "400x400",
        "800x800",
        "unknown",
    ]
    assert found["product_id"][0] == row["productId"]
    assert found["title"][0] == row["title"]
    assert found["mrp"][0] == Decimal(row["mrp"])
    assert found["key_specs"][0].to_list() == row["keySpecsStr"].split(";")
    assert len(found["product_family"][0]) == row["productFamily"].count(",") + 1
    assert found["in_stock"].to_list() == [False]
    assert found["seller_rating_count"][0] == int(row["sellerNoOfRatings"])


def test_carried_columns_are_columns() -> None:
    """What a dump carries are columns of the products, each once."""
    for carried in (CARRIED_BY_V1_DUMP, CARRIED_BY_V0_DUMP):
        assert len(set(carried)) == len(carried)
        assert set(carried) <= set(FRAME_SCHEMA)
    assert not {"currency", "specifications", "book"} & {*CARRIED_BY_V1_DUMP, *CARRIED_BY_V0_DUMP}


def test_absent_columns_are_null(tmp_path: Path) -> None:
    """A dump of three columns gives a frame with all of them."""
    content = f"productId,title,price\n{product_id(1)},Shoe,12\n"
    with Dump(packed(tmp_path / "d.zip", content.encode())) as dump:
        (chunk,) = dump.chunks()

    assert dump.api_version == "v0.1.0"
    assert chunk.frame.schema == FRAME_SCHEMA
    assert chunk.frame.select(pl.col("selling_price").cast(pl.Float64)).item() == 12.0
