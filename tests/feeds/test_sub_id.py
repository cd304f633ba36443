"""Sub-ids filled in from a row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.link import LinkError, is_sub_id
from feeds.sub_id import SubIdTemplate

ROW = {"product_id": "MADEUP0000000001", "category": "mens_footwear", "brand": "O'Made & Co."}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("newsletter", "newsletter"),
        ("{product_id}", "MADEUP0000000001"),
        ("{category}-{product_id}", "mens_footwear-MADEUP0000000001"),
        ("w7.{category}{brand}", "w7.mens_footwearO-Made-Co."),
        ("{missing}_x", "none_x"),
    ],
)
def test_filling(text: str, expected: str) -> None:
    """A run of characters that cannot stand becomes one dash; what is missing is `none`."""
    assert expected == SubIdTemplate.parse("affExtParam1", text).fill(ROW)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "none"), ("", "none"), (" & ", "none"), (12, "12"), (0, "0"), (1.5, "1.5")],
)
def test_values_of_any_type(value: object, expected: str) -> None:
    """A number is as it is printed; a value that leaves nothing is missing."""
    assert expected == SubIdTemplate.parse("affExtParam1", "{x}").fill({"x": value})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b"]), st.none() | st.integers() | st.text()))
def test_any_row_fills_to_a_sub_id(row: dict[str, Any]) -> None:
    """What is filled in can stand in a link, where it is not too long."""
    template = SubIdTemplate.parse("affExtParam1", "{a}.{b}")
    if sum(len(str(value)) for value in row.values()) > 90:
        return
    assert is_sub_id(template.fill(row))


def test_too_long_is_refused_and_not_cut() -> None:
    """Cutting would give two products one sub-id."""
    template = SubIdTemplate.parse("affExtParam2", "{title}-{product_id}")
    with pytest.raises(LinkError, match=r"^affExtParam2 'xxx"):
        template.fill({"title": "x" * 100, "product_id": "MADEUP0000000001"})


@pytest.mark.parametrize(
    "text",
    ["", "a b", "{", "}", "{}}", "{{a}}", "{a!r}", "{a:>9}", "a&{b}", "\u00e9", "{a}\n"],
)
def test_what_is_no_template(text: str) -> None:
    """Text that no sub-id can hold, and braces that do not name a field."""
    with pytest.raises(LinkError, match="is no template; use"):
        SubIdTemplate.parse("affExtParam1", text)


@pytest.mark.parametrize("field", ["colour", "", "0", "product_id.x", "product_id[0]"])
def test_unknown_fields_are_refused(field: str) -> None:
    """The message names the fields there are."""
    template = SubIdTemplate.parse("affExtParam1", f"x-{{{field}}}")
    with pytest.raises(LinkError, match=r"use brand, category, product_id$"):
        template.check(ROW)
