"""The lake's macros make the links that the Python makes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.link import LinkError, affiliate_url, canonical_url
from feeds.product_url import SHORT_HOSTS, clean_product_url
from storage.lake import LakeFolder, open_for_reading, open_for_writing
from tests.hostile_links import AFFIDS, HOSTILE, IDS_IN_OTHER_SPELLINGS, SUB_IDS

PRODUCT = "https://dl.flipkart.com/dl/made-up/p/itm?pid=MADEUP0000000001"
PUT = """
    INSERT INTO products BY NAME
    SELECT
        unnest(['MADEUP0000000001', 'MADEUP0000000002', 'MADEUP0000000003']) AS product_id,
        unnest(['http://www.flipkart.com/a?pid=MADEUP0000000001', NULL, 'http://evil.com/'])
            AS product_url,
        'Made up' AS title, 'made_up' AS category, true AS is_available, 'product' AS feed,
        'made up' AS record_source, 0 AS content_hash, now() AS first_seen_at, now() AS changed_at
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a lake with three products, as a reader: it has what was kept in it."""
    folder = LakeFolder(tmp_path_factory.mktemp("links") / "lake")
    with open_for_writing(folder) as connection:
        connection.execute(PUT)
    with open_for_reading(folder) as connection:
        yield connection


def by_sql(
    lake: duckdb.DuckDBPyConnection, urls: list[str], affid: str, sub1: str | None, sub2: str | None
) -> list[str | None]:
    """Return the links that the macro makes, in order."""
    found = lake.execute(
        "SELECT affiliate_url(url, $2, $3, $4) FROM (SELECT unnest($1) AS url)",
        [urls, affid, sub1, sub2],
    )
    return [row[0] for row in found.fetchall()]


def by_python(url: str, affid: str, sub1: str | None, sub2: str | None) -> str | None:
    """Return the link that the Python makes; None where it refuses."""
    try:
        return affiliate_url(url, affid, sub1, sub2)
    except LinkError:
        return None


@pytest.mark.captures
def test_captured_links(lake: duckdb.DuckDBPyConnection, captures: Path) -> None:
    """Every link in the captured answers, as it came, becomes the same link both ways."""
    urls = [
        found[1]
        for file in sorted((captures / "v1.1.0-2016-11").rglob("*.json.gz"))
        for found in re.finditer(
            r'"productUrl": ?"([^"]*)"', gzip.decompress(file.read_bytes()).decode()
        )
    ]
    assert len(urls) > 20_000
    once = by_sql(lake, urls, "mine", "mail", None)
    assert [affiliate_url(url, "mine", "mail") for url in urls] == once
    assert once == by_sql(lake, [url or "" for url in once], "mine", "mail", None)


@settings(deadline=None, max_examples=50)
@given(st.lists(HOSTILE, min_size=20, max_size=40), AFFIDS, SUB_IDS, SUB_IDS)
def test_hostile_links(
    lake: duckdb.DuckDBPyConnection,
    urls: list[str],
    affid: str,
    sub1: str | None,
    sub2: str | None,
) -> None:
    """What the Python refuses is null, and everything else is the same to the letter."""
    expected = [by_python(url, affid, sub1, sub2) for url in urls]
    assert expected == by_sql(lake, urls, affid, sub1, sub2)


@settings(deadline=None, max_examples=50)
@given(st.lists(HOSTILE, min_size=20, max_size=40))
def test_clean_links(lake: duckdb.DuckDBPyConnection, urls: list[str]) -> None:
    """A stored link's one form is the same to the letter both ways."""
    found = lake.execute(
        "SELECT clean_product_url(url) FROM (SELECT unnest($1) AS url)", [urls]
    ).fetchall()
    assert [clean_product_url(url) for url in urls] == [row[0] for row in found]


@pytest.mark.parametrize("spelling", IDS_IN_OTHER_SPELLINGS)
def test_ids_in_other_spellings(lake: duckdb.DuckDBPyConnection, spelling: str) -> None:
    """Nobody's id is left, in a link of ours or in the one form."""
    row = lake.execute(
        "SELECT affiliate_url($1, 'me'), clean_product_url($1)", [PRODUCT + spelling]
    ).fetchone()
    assert row == (f"{PRODUCT}&affid=me", PRODUCT)


@pytest.mark.parametrize("host", [*SHORT_HOSTS, "dl.flipkart.com/s", "www.flipkart.com/dl/s"])
def test_short_links(lake: duckdb.DuckDBPyConnection, host: str) -> None:
    """They are null, as what they lead to is not known; the list of hosts is Python's."""
    row = lake.execute(
        "SELECT affiliate_url($1, 'me'), clean_product_url($1)", [f"https://{host}/aB3dE"]
    ).fetchone()
    assert row == (None, None)


def test_sub_ids_may_be_left_out(lake: duckdb.DuckDBPyConnection) -> None:
    """One, two or no sub-ids, and null for a link that is null."""
    row = lake.execute(
        "SELECT affiliate_url($1, 'me'), affiliate_url($1, 'me', 'a'), "
        "affiliate_url($1, 'me', NULL, 'b'), affiliate_url(NULL, 'me')",
        [PRODUCT],
    ).fetchone()
    start = f"{PRODUCT}&affid=me"
    assert (start, f"{start}&affExtParam1=a", f"{start}&affExtParam2=b", None) == row


@pytest.mark.parametrize("ids", ["'m e'", "''", "NULL", "'me', 'a&b'", "'me', NULL, ''"])
@pytest.mark.parametrize("query", ["SELECT affiliate_url('{}', {})", "FROM product_links({1})"])
def test_malformed_ids_end_the_query(lake: duckdb.DuckDBPyConnection, query: str, ids: str) -> None:
    """A wrong affid would cost every link's commission: nobody may overlook it."""
    with pytest.raises(duckdb.InvalidInputException, match="cannot stand in a link"):
        lake.execute(query.format(PRODUCT, ids)).fetchall()


def test_product_links(lake: duckdb.DuckDBPyConnection) -> None:
    """Every product, with the mirror's link, the canonical one without it, null for another's."""
    found = lake.execute(
        "SELECT product_id, title, category, product_url, affiliate_url "
        "FROM product_links('me', 'mail') ORDER BY product_id"
    ).fetchall()
    url = "http://www.flipkart.com/a?pid=MADEUP0000000001"
    ids = ("me", "mail")
    assert [
        ("MADEUP0000000001", "Made up", "made_up", url, affiliate_url(url, *ids)),
        (
            "MADEUP0000000002",
            "Made up",
            "made_up",
            None,
            affiliate_url(canonical_url("MADEUP0000000002"), *ids),
        ),
        ("MADEUP0000000003", "Made up", "made_up", "http://evil.com/", None),
    ] == found


@pytest.mark.parametrize("text", ["MADEUP0000000001", "short", "x" * 33, "MADEUP-000000001"])
def test_canonical_links(lake: duckdb.DuckDBPyConnection, text: str) -> None:
    """The same rule for ids both ways."""
    try:
        expected = canonical_url(text)
    except LinkError:
        expected = None
    assert (expected,) == lake.execute("SELECT canonical_url(?)", [text]).fetchone()
