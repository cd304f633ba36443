"""Telling the bad records of a page from the good, and frames of several sources."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.product import category_path, columns, v1_json
from feeds.product.schema import PRODUCT_SCHEMA
from feeds.product.sifting import misfits
from feeds.product.source import CARRIED_BY, V0_JSON, V1_JSON, mixed


@given(st.lists(st.booleans(), max_size=40))
def test_exactly_the_misfits_are_found(fits: list[bool]) -> None:
    """Each once, in order, whatever stands beside it."""

    def attempt(some: Sequence[bool]) -> None:
        if not all(some):
            raise msgspec.ValidationError("no")

    expected = [place for place, one in enumerate(fits) if not one]
    assert [place for place, _ in misfits(fits, attempt)] == expected


def test_a_few_misfits_cost_few_attempts() -> None:
    """One of a thousand is found in twenty attempts or so, not in a thousand."""
    attempts = 0

    def attempt(some: Sequence[int]) -> None:
        nonlocal attempts
        attempts += 1
        if 617 in some:
            raise msgspec.ValidationError("no")

    assert [place for place, _ in misfits(range(1000), attempt)] == [617]
    assert attempts < 30


def test_a_page_of_one_source_has_no_column_for_it() -> None:
    """Only a mixed page says of each record where it is from."""
    own = pl.DataFrame({"record_number": [0, 2], "product_id": ["A", "C"]})
    guest = pl.DataFrame({"record_number": [1], "product_id": ["B"]})
    assert mixed({V1_JSON: own, V0_JSON: guest.clear()}) is own
    assert mixed({V1_JSON: own, V0_JSON: guest}).rows() == [
        (0, "A", V1_JSON),
        (1, "B", V0_JSON),
        (2, "C", V1_JSON),
    ]


def test_every_source_carries_columns_of_the_schema() -> None:
    """In the schema's order, so that two sources never disagree about it."""
    for carried in CARRIED_BY.values():
        assert list(carried) == [name for name in PRODUCT_SCHEMA if name in carried]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[half a list", "[[half a list"),
        ('[[{"title": "A>B"}], [{"title": "C"}]]', "A>B"),
        ("", ""),
    ],
)
def test_a_path_that_only_looks_like_nodes_is_a_name(text: str, expected: str) -> None:
    """A text is never the reason to give a record up, unless it holds JSON of another kind."""
    assert expected == category_path.joined(text)
    record = {"productBaseInfoV1": {"productId": "A", "categoryPath": text}}
    _, rejected = v1_json.decode_records(json.dumps([record]).encode())
    assert rejected == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/p?affid=a&affid=b&c=1", "http://h/p?c=1"),
        ("http://h/p?affid=a&affid=b", "http://h/p"),
        ("http://h/p?pid=1&affid=a-b_c#x", "http://h/p?pid=1#x"),
        ("http://h/p?q=affid=1", "http://h/p?q=affid=1"),
        ("http://h/p?q=affid=1&affid=me", "http://h/p?q=affid=1"),
    ],
)
def test_a_caller_id_is_cut_out_wherever_it_stands(url: str, expected: str) -> None:
    """Twice, last, before a fragment; a parameter that only looks like it stays."""
    assert [expected] == columns.product_urls([url]).to_pylist()


@pytest.mark.parametrize(
    ("said", "expected"),
    [("[A, B]", ["A", "B"]), ("[]", None), ("", None), (None, None), (["A", None], ["A"])],
)
def test_variants(said: str | list[str | None] | None, expected: list[str] | None) -> None:
    """A printed Java list becomes a list."""
    assert [expected] == columns.variants([said]).to_pylist()
