"""Ids and currencies have the same form in SQL as in Python."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.invisible import INVISIBLE
from feeds.product.values import clean_currency, clean_product_id
from storage.definitions import create_definitions
from storage.engine import connect
from storage.statements import statements

ENDS = st.text(st.sampled_from(" \t\n\u00a0\u200b\ufeff\u3000\x00\x85"), max_size=3)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.text("AbZ09-_\"' ", max_size=210)


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the macros over empty tables."""
    connection = connect()
    for text in statements("schema"):
        connection.execute(text)
    create_definitions(connection)
    yield connection
    connection.close()


@given(before=ENDS, text=TEXTS, after=ENDS)
def test_ids_and_currencies(
    macros: duckdb.DuckDBPyConnection, before: str, text: str, after: str
) -> None:
    """Whatever stands around them and in them."""
    value = before + text + after
    found = macros.execute("SELECT clean_product_id($1), clean_currency($1)", [value]).fetchone()
    assert found == (clean_product_id(value), clean_currency(value))


def test_every_invisible_character_is_taken_off(macros: duckdb.DuckDBPyConnection) -> None:
    """At both ends, and makes no id inside."""
    ends = [one for one in INVISIBLE if not one.isascii() or one == " "]
    for end in ends:
        if end == "-":
            continue
        query = "SELECT clean_product_id($1 || 'A' || $1), clean_product_id('A' || $1 || 'B')"
        assert macros.execute(query, [end]).fetchone() == ("A", None)
