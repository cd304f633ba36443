"""Delta versions in every spelling seen."""

from __future__ import annotations

import pytest

from feeds.errors import PageBrokenError
from feeds.version import parse_version


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1376, 1376),
        (1376.0, 1376),
        ("1376", 1376),
        ("1376.0", 1376),
        ("1.36625296E8", 136_625_296),
        (0, 0),
    ],
)
def test_every_spelling_is_a_whole_number(value: float | str, expected: int) -> None:
    """Integers, floats, text and scientific notation mean the same."""
    assert expected == parse_version(value)


@pytest.mark.parametrize("value", [None, "", "soon", -1, 1.5, "nan", "inf", "1e30", 2**70])
def test_what_is_no_version_breaks_the_page(value: float | str | None) -> None:
    """A version is never guessed: the page is asked for again."""
    with pytest.raises(PageBrokenError, match="names no version"):
        parse_version(value)
