"""Characters that nobody sees, at the ends of a text and inside it."""

from __future__ import annotations

import unicodedata

import duckdb
import polars as pl
import pytest

from feeds.invisible import INVISIBLE, stripped

CHARACTERS = {
    "a line end": "\r\n",
    "a tab": "\t",
    "NUL": "\0",
    "a no-break space": "\u00a0",
    "a soft hyphen": "\u00ad",
    "a zero-width space": "\u200b",
    "a left-to-right mark": "\u200e",
    "a right-to-left override": "\u202e",
    "a word joiner": "\u2060",
    "an isolate": "\u2066",
    "a variation selector": "\ufe0f",
    "a byte order mark": "\ufeff",
    "a wide blank": "\u3000",
    "a tag": "\U000e0041",
}


@pytest.mark.parametrize("characters", CHARACTERS.values(), ids=CHARACTERS)
def test_the_ends_are_stripped(characters: str) -> None:
    """At either end, several of them, and never inside."""
    inside = f"a{characters}b"
    assert stripped(f"{characters} {inside}{characters}{characters}") == inside
    assert stripped(characters * 2) == ""


def test_every_blank_and_control_character_is_invisible() -> None:
    """By Unicode's own categories."""
    blank = [chr(n) for n in range(0x11_0000) if unicodedata.category(chr(n)) in {"Cc", "Zs"}]
    assert stripped("".join(blank)) == ""


def test_the_engines_agree() -> None:
    """The class means the same to Python, Polars and DuckDB."""
    numbers = [n for n in range(1, 0x11_0000) if not 0xD800 <= n < 0xE000]
    expected = [n for n in numbers if not stripped(chr(n))]
    series = pl.Series([chr(n) for n in numbers])
    found = series.str.contains(f"[{INVISIBLE}]").arg_true()
    assert [numbers[place] for place in found] == expected
    rows = duckdb.execute(
        "SELECT n FROM range(1, 1114112) AS t (n) "
        "WHERE NOT n BETWEEN 55296 AND 57343 AND regexp_matches(chr(n::INTEGER), $1) ORDER BY n",
        [f"[{INVISIBLE}]".replace("\x00", "\\x00")],
    ).fetchall()
    assert [row[0] for row in rows] == expected
