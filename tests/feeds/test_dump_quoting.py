"""Rows of a dump whose quotes are not doubled."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.feeds.dumps import COLUMNS, fields, line, product_id, read, zipped

APART = (34, 43, 47, 49, 50, 51, 52, 53, 54, 55, 56, 57, 84)
"""Into how many fields rows of a real dump came apart, by its print-out."""


def came_apart(number: int, count: int) -> dict[str, str]:
    """Return a row that a plain CSV reader takes for so many fields."""
    parts = ['the "plain, honest" one'] + [
        f'part "{part}, of many" more' for part in range(count - len(COLUMNS) - 1)
    ]
    return fields(number, description=" and ".join(parts))


@pytest.mark.parametrize("count", APART)
def test_row_that_came_apart_is_repaired(tmp_path: Path, count: int) -> None:
    """A row of 34 to 84 fields is put together again, and no row around it suffers."""
    broken = line(came_apart(1, count), broken=["description"])
    file = zipped(tmp_path / "d.zip", [line(fields(0)), broken, line(fields(2))])

    assert count == len(next(csv.reader(io.StringIO(broken))))
    found = read(file)
    assert [product_id(0), product_id(1), product_id(2)] == found.ids
    assert came_apart(1, count)["description"] == found.frame["description"][1]
    assert fields(1)["productUrl"] == found.frame["product_url"][1]
    assert (found.repaired_count, found.rejected) == (1, [])


@pytest.mark.parametrize(
    "text",
    [
        'A "plain" one',
        '"Originals"',
        '15" wide',
        'say "yes", then "no"',
        'sizes: "S","M"',
        'ends with 15"',
        'one, "two',
        'two\nlines, one "quote',
    ],
)
def test_text_is_what_was_written(tmp_path: Path, text: str) -> None:
    """Every quote of a misquoted field is kept."""
    row = line(fields(1, description=text), broken=["description"])
    found = read(zipped(tmp_path / "d.zip", [line(fields(0)), row, line(fields(2))]))

    assert ["Light, quick", text, "Light, quick"] == found.frame["description"].to_list()
    assert found.repaired_count == 1


def test_quote_outside_quotes(tmp_path: Path) -> None:
    """A field with a quote and nothing around it is taken as it stands."""
    row = line(fields(1)).replace("Shoe 1,", 'Shoe 15" 1,', 1)
    found = read(zipped(tmp_path / "d.zip", [row, line(fields(2))]))

    assert found.frame["title"].to_list() == ['Shoe 15" 1', "Shoe 2"]


def test_same_fault_twice_in_a_row(tmp_path: Path) -> None:
    """Two columns that repeat one misquoted text are both repaired."""
    text = 'Size: 5" x, 2";Type "A, B" fit'
    broken = ("keySpecsStr", "detailedSpecsStr")
    row = fields(1, keySpecsStr=text, detailedSpecsStr=text)
    found = read(zipped(tmp_path / "d.zip", [line(row, broken), line(fields(2))]))

    assert text.split(";") == found.frame["key_specs"][0].to_list()
    assert text.split(";") == found.frame["detailed_specs"][0].to_list()


def test_shifted_row_is_rejected_with_its_line(tmp_path: Path) -> None:
    """A row that lost a field has as many as the header, all in the wrong place."""
    text = 'A "plain, honest" one'
    shifted = line(fields(2, description=text), broken=["description"], lost=1)
    first = line(fields(0, description="one\ntwo\nthree"))
    file = zipped(tmp_path / "d.zip", [first, line(fields(1)), shifted, line(fields(3))])

    assert len(COLUMNS) == len(next(csv.reader(io.StringIO(shifted))))
    found = read(file)
    assert [product_id(0), product_id(1), product_id(3)] == found.ids
    assert found.frame["record_number"].to_list() == [0, 1, 3]
    (reject,) = found.rejected
    assert ("bad_row", product_id(2), 2, 6) == (
        reject.reason,
        reject.product_id,
        reject.record_number,
        reject.line,
    )
    assert shifted.encode() == reject.raw
    assert reject.detail.startswith("line 6: ")


@pytest.mark.parametrize("lost", [1, 2, 31])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_row_with_too_few_fields(tmp_path: Path, lost: int, end: bytes) -> None:
    """Fields that are not there are not taken for empty ones, however well the rest is quoted."""
    lines = [line(fields(0)), line(fields(1), lost=lost), line(fields(2))]
    found = read(zipped(tmp_path / "d.zip", lines, end=end))

    assert [product_id(0), product_id(2)] == found.ids
    assert [(one.reason, one.line) for one in found.rejected] == [("bad_row", 3)]


def test_row_with_too_many_fields(tmp_path: Path) -> None:
    """A comma too many, and elsewhere one too few, do not make up for each other."""
    lines = [f"{line(fields(0))},x", line(fields(1), lost=1), line(fields(2))]
    found = read(zipped(tmp_path / "d.zip", lines))

    assert [product_id(2)] == found.ids
    assert [reject.line for reject in found.rejected] == [2, 3]


def test_two_readings_are_as_bad_as_none(tmp_path: Path) -> None:
    """Where a text can end in two places, the row is not guessed at."""
    row = line(fields(1)).replace("Feet & Co", '"Feet","Co","more"', 1)
    found = read(zipped(tmp_path / "d.zip", [row, line(fields(2))]))

    assert [product_id(2)] == found.ids
    assert [reject.reason for reject in found.rejected] == ["bad_row"]


@pytest.mark.parametrize("mark", ['"', '"""', '",', ',"'])
def test_lone_quote_goes_no_further_than_its_row(tmp_path: Path, mark: str) -> None:
    """Whatever one stray mark makes of its row, all other rows are there and right."""
    middle = line(fields(50)).replace("Light, quick", f"Light{mark} quick", 1)
    lines = [line(fields(number)) for number in range(100)]
    found = read(zipped(tmp_path / "d.zip", [*lines[:50], middle, *lines[51:]]))
    others = found.frame.filter(found.frame["product_id"] != product_id(50))

    assert found.row_count == 100
    assert [product_id(number) for number in range(100) if number != 50] == others[
        "product_id"
    ].to_list()
    assert others["description"].unique().to_list() == ["Light, quick"]


def test_line_in_a_text_that_looks_like_a_row(tmp_path: Path) -> None:
    """A text with a line that begins like a row is one text, beside a broken row as well."""
    text = "see also\nABCDEFGHIJ123456, which is better\n9780000000000,too"
    lines = [
        line(fields(0, description=text)),
        line(came_apart(1, 40), broken=["description"]),
        line(fields(2, description=text)),
    ]
    found = read(zipped(tmp_path / "d.zip", lines))

    assert [product_id(number) for number in range(3)] == found.ids
    assert [text, text] == [found.frame["description"][place] for place in (0, 2)]
    assert found.rejected == []


def test_ids_of_another_form(tmp_path: Path) -> None:
    """Rows whose ids are unlike the vendor's are told apart by their quotes."""
    rows = [fields(number, productId=f"shoe-{number}", productUrl="") for number in range(4)]
    lines = [line(row) for row in rows]
    bad = line(came_apart(9, 40), broken=["description"])
    found = read(zipped(tmp_path / "d.zip", [*lines[:2], bad, *lines[2:]]))

    assert found.ids[0] == "shoe-0"
    assert found.row_count == 5


def test_widths_are_those_of_a_real_dump(captures: Path) -> None:
    """The widths tried here are all that a print-out of a real dump complains of."""
    text = next((captures / "csv_dump_printouts").glob("small*")).read_text()
    widths = {int(part.split("\\n")[0]) for part in text.split("saw ")[1:] if part[0].isdigit()}

    assert widths == set(APART)
