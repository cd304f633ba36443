"""Any damage to one row stays in it: all rows around it come out as they went in."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.feeds.dumps import fields, line, product_id, read, zipped

ROWS = 12
TEXTS = st.text(alphabet='ab ,;">\n\r\té\ufffd', max_size=30)
FREE = {
    "title": "title",
    "description": "description",
    "categories": "category_path",
    "productBrand": "brand",
    "deliveryTime": "delivery_time",
    "size": "size",
    "color": "color",
    "sellerName": "seller_name",
}
QUIET = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUIET
@given(st.lists(st.dictionaries(st.sampled_from(sorted(FREE)), TEXTS), min_size=1, max_size=ROWS))
def test_any_text_comes_back(tmp_path: Path, texts: list[dict[str, str]]) -> None:
    """What stands in a row that is written as it should be is read as it was."""
    rows = [fields(number, **text) for number, text in enumerate(texts)]
    found = read(zipped(tmp_path / "d.zip", map(line, rows)))

    assert found.ids == [product_id(number) for number in range(len(texts))]
    assert found.frame["title"].to_list() == [row["title"] or None for row in rows]
    assert found.frame["description"].to_list() == [row["description"] or None for row in rows]
    assert found.frame["seller_name"].to_list() == [row["sellerName"] or None for row in rows]
    assert found.repaired_count == 0


@QUIET
@given(st.dictionaries(st.sampled_from(sorted(FREE)), TEXTS, min_size=1), st.integers(0, ROWS - 1))
def test_misquoted_row_is_right_or_rejected(
    tmp_path: Path, texts: dict[str, str], place: int
) -> None:
    """A row whose quotes are not doubled is never taken for something else than it is."""
    rows = [fields(number) for number in range(ROWS)]
    rows[place] |= texts
    lines = [line(row) for row in rows]
    lines[place] = line(rows[place], broken=texts)
    found = read(zipped(tmp_path / "d.zip", lines))
    others = [product_id(number) for number in range(ROWS) if number != place]

    assert [one for one in found.ids if one != product_id(place)] == others
    assert found.row_count == ROWS
    for row in found.frame.filter(found.frame["product_id"] == product_id(place)).to_dicts():
        written = rows[place]
        assert float(row["mrp"]) == 999
        assert row["product_url"] == written["productUrl"]
        for name, column in FREE.items():
            if '""' not in written[name]:  # two quotes in a text may be one that was doubled
                assert row[column] == (written[name] or None)


@QUIET
@given(
    place=st.integers(0, ROWS - 1),
    offset=st.integers(0, len(line(fields(1))) - 1),
    mark=st.sampled_from(['"', '""', ",", "\n", "\r\n", '"\n', ',"', "\x00", '";"']),
    taken=st.integers(0, 1),
)
def test_stray_marks_stay_in_their_row(
    tmp_path: Path, place: int, offset: int, mark: str, taken: int
) -> None:
    """A mark put anywhere into a row costs that row at the most."""
    lines = [line(fields(number)) for number in range(ROWS)]
    expected = read(zipped(tmp_path / "whole.zip", lines)).frame
    lines[place] = lines[place][:offset] + mark + lines[place][offset + taken :]
    found = read(zipped(tmp_path / "d.zip", lines)).frame
    others = [product_id(number) for number in range(ROWS) if number != place]

    assert_frame_equal(
        expected.filter(expected["product_id"].is_in(others)).drop("record_number"),
        found.filter(found["product_id"].is_in(others)).drop("record_number"),
    )


def test_a_zero_is_replaced_like_a_stray_byte(tmp_path: Path) -> None:
    """The lake's catalogue would end a text there; the rows around it are as they were."""
    rows = [fields(number) for number in range(3)]
    rows[1] |= {"title": "x\0y", "productBrand": "\0"}
    found = read(zipped(tmp_path / "d.zip", map(line, rows)))

    assert found.ids == [product_id(number) for number in range(3)]
    assert found.frame["title"].to_list() == ["Shoe 0", "x\ufffdy", "Shoe 2"]
    assert found.frame["brand"][1] == "\ufffd"
    assert sum(chunk.stray_byte_count for chunk in found.chunks) == 2
