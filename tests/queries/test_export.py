"""`feedlake export`: one file with links that earn, whole or not at all."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.link import affiliate_url
from flows.cli import app, main
from flows.merchant import Feed, Item, Listed, item, plain_text
from storage.lake import LakeFolder, open_for_reading
from tests.queries.plain import price_of, rows_of

Export = Callable[..., Path]

NO_TEXT = re.compile(r"<[a-zA-Z/!][^<>]*>|[\x00-\x1f\x7f-\x9f]")
NAMESPACE = "{http://base.google.com/ns/1.0}"


@pytest.fixture
def export(month: LakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Return what runs `feedlake export` on the month's lake: the file."""
    monkeypatch.setenv("FK_AFFILIATE_ID", "me")
    monkeypatch.chdir(tmp_path)

    def run(name: str, *arguments: str) -> Path:
        lake = ("--lake", str(month.root))
        app(["export", *arguments, "-o", str(tmp_path / name), *lake], standalone_mode=False)
        assert [one.name for one in tmp_path.iterdir()] == [name]
        return tmp_path / name

    return run


@pytest.fixture
def refused(
    month: LakeFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str]]:
    """Return what runs `feedlake export` as the command does: exit status and error."""
    monkeypatch.setenv("FK_AFFILIATE_ID", "me")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        lake = ["--lake", str(month.root)]
        monkeypatch.setattr(sys, "argv", ["feedlake", "export", *arguments, *lake])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


def asked(month: LakeFolder, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query of the lake."""
    with open_for_reading(month) as lake:
        return rows_of(lake, query)


def test_deals_as_csv(month: LakeFolder, export: Export) -> None:
    """A row a deal, the best first, with a link that earns."""
    with export("deals.csv", "--deals", "10", "--sub1", "mail").open(newline="") as file:
        rows = list(csv.DictReader(file))
    deals = asked(
        month,
        "FROM deal_links(10, 'me', 'mail') ORDER BY percent_below_average DESC, product_id",
    )
    assert len(rows) > 3
    assert [(row["product_id"], row["price"], row["affiliate_url"]) for row in rows] == [
        (row["product_id"], str(row["price"]), row["affiliate_url"]) for row in deals
    ]


def test_a_query_of_ids_gets_links_in_its_order(month: LakeFolder, export: Export) -> None:
    """The mirror's own link stands behind an id; the rows stay as they were asked for."""
    query = (
        "SELECT product_id, title FROM products WHERE product_url IS NOT NULL ORDER BY md5(title)"
    )
    rows = json.loads(export("all.json", query).read_bytes())
    urls = {row["product_id"]: row["product_url"] for row in asked(month, "FROM products")}
    assert [(row["product_id"], row["title"]) for row in rows] == [
        (row["product_id"], row["title"]) for row in asked(month, query)
    ]
    assert [row["affiliate_url"] for row in rows] == [
        affiliate_url(urls[row["product_id"]], "me") for row in rows
    ]


def test_parquet(month: LakeFolder, export: Export) -> None:
    """Types and rows as the query gives them, and the links of its product_url."""
    query = "SELECT product_id, product_url, selling_price FROM products ORDER BY product_id"
    frame = pl.read_parquet(export("all.parquet", query))
    assert frame.columns == ["product_id", "product_url", "selling_price", "affiliate_url"]
    assert frame.schema["selling_price"] == pl.Decimal(12, 2)
    expected = [tuple(row.values()) for row in asked(month, query)]
    assert frame.select(frame.columns[:3]).rows() == expected
    assert frame["affiliate_url"].drop_nulls().str.ends_with("affid=me").all()


def test_rows_without_a_link_are_counted(
    export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    """A short link is as good as none, and the command says how many rows have none."""
    links = ["https://dl.flipkart.com/s/aB3", "https://fkrt.it/aB3", "https://www.flipkart.com/a"]
    rows = json.loads(export("links.json", f"SELECT unnest({links}) AS product_url").read_bytes())
    assert [row["affiliate_url"] for row in rows] == [None, None, f"{links[2]}?affid=me"]
    assert "2 rows have no affiliate_url" in capsys.readouterr().err


def test_a_query_of_no_products_is_left_alone(export: Export) -> None:
    """There is nothing to link."""
    assert export("one.csv", "SELECT 1 AS one").read_text() == "one\n1\n"


def merchant_items(file: Path) -> list[dict[str, str]]:
    """Return the attributes of the items of an XML feed."""
    root = etree.parse(file).getroot()
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    assert [one.tag for one in root[0]][:3] == ["title", "link", "description"]
    return [
        {str(one.tag).removeprefix(NAMESPACE): one.text or "" for one in found}
        for found in root[0].iterfind("item")
    ]


def faults(item: dict[str, str]) -> Iterator[str]:
    """Yield the rules of the product data specification that an item breaks."""
    rules = {
        "id": r"\S{1,50}",
        "title": r".{1,150}",
        "description": r".{1,5000}",
        "link": r"https?://[!-~]{1,1990}",
        "image_link": r"https?://[!-~]{1,1990}",
        "availability": r"in_stock|out_of_stock|preorder|backorder",
        "price": r"\d+\.\d\d [A-Z]{3}",
        "condition": r"new|refurbished|used",
        "identifier_exists": r"yes|no",
    }
    for name, rule in rules.items():
        if not re.fullmatch(rule, item.get(name, "")):
            yield f"{name}: {item.get(name)!r}"
    if not re.fullmatch(r".{1,70}", item.get("brand", "none")):
        yield f"brand: {item['brand']!r}"
    for name, text in item.items():
        if text != " ".join(text.split()) or re.search(
            r"<[a-zA-Z/!][^<>]*>|[\x00-\x1f\x7f-\x9f]", text
        ):
            yield f"{name} holds what is no text: {text!r}"
    if float(item["price"].split()[0]) <= 0:
        yield "price: nothing is free"


def test_the_merchant_feed_keeps_its_rules(month: LakeFolder, export: Export) -> None:
    """Every listed product with a price and a picture, each attribute as Google wants it."""
    items = merchant_items(export("feed.xml", "--merchant"))
    assert [fault for one in items for fault in faults(one)] == []
    assert len({one["id"] for one in items}) == len(items)
    listed = asked(month, "FROM products WHERE is_available")
    usable = {
        row["product_id"]: f"{price:.2f} INR"
        for row in listed
        if (price := price_of(row)) and row["image_urls"] and row["title"]
    }
    assert {one["id"]: one["price"] for one in items} == usable
    assert all(parse_qs(urlsplit(one["link"]).query)["affid"] == ["me"] for one in items)
    stocked = {row["product_id"] for row in listed if row["in_stock"]}
    assert all((one["availability"] == "in_stock") == (one["id"] in stocked) for one in items)


def test_the_same_feed_as_tsv(export: Export) -> None:
    """A header of attributes and a line an item."""
    with export("feed.tsv", "--deals", "10", "--merchant").open(newline="") as file:
        items = list(csv.DictReader(file, delimiter="\t"))
    assert len(items) > 3
    assert [fault for one in items for fault in faults(one)] == []
    assert list(items[0]) == list(Item._fields)


hostile = st.text(
    st.characters(codec="utf-8")
    | st.sampled_from("<>&;lgt\"'\t\n\r\x00\x1b\x85\u202e\ufffe\ud7ff b/")
)


@given(hostile, hostile, hostile, hostile)
def test_hostile_text(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    description: str,
    brand: str,
    picture: str,
) -> None:
    """Whatever the upstream says, the feed is well-formed and every item keeps the rules."""
    listed = Listed(
        "P" * 16,
        f"Made up {title}" * 9,
        description * 300,
        brand or None,
        {"200x200": picture, "unknown": f"http://pictures.invalid/{picture}"},
        "INR",
        price_of({"special_price": None, "selling_price": 499}),
        in_stock=None,
        link="https://dl.flipkart.com/dl/p?pid=1&affid=me",
    )
    file = tmp_path_factory.mktemp("hostile") / "feed.xml"
    feed = Feed()
    with file.open("w", encoding="utf-8", newline="") as out:
        feed.write_xml([listed], out)
    items = merchant_items(file)
    assert len(items) + feed.left_out.total() == 1
    assert [fault for one in items for fault in faults(one)] == []
    if items:
        assert items[0]["availability"] == "out_of_stock"


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("<b>Bold</b> &amp; brave<br/>", 50, "Bold & brave"),
        ("&lt;b&gt;Escaped<\x00i>&#x1b;", 50, "Escaped"),
        ("5 < 6 and 7 > 3", 50, "5 < 6 and 7 > 3"),
        ("one two three", 9, "one two"),
        ("one two three", 7, "one two"),
        ("x" * 20, 10, "x" * 10),
        ("a\x00\x1b[31mb\u202e\ufffdc", 50, "a[31mbc"),
    ],
)
def test_plain_text(text: str, longest: int, expected: str) -> None:
    """Markup, entities and what cannot be printed go; a cut leaves whole words."""
    assert plain_text(text, longest) == expected


def test_the_picture_is_the_original_else_the_largest() -> None:
    """What is no link is passed over."""
    listed = Listed("P", "T", None, None, None, "INR", 1, True, "https://x.invalid/")  # type: ignore[arg-type]
    urls = {"200x200": "http://p.invalid/2", "400x400": "http://p.invalid/4 é", "9x9": "ftp://p/9"}
    assert item(listed._replace(image_urls=urls)).image_link == "http://p.invalid/4%20%C3%A9"
    urls["unknown"] = "http://p.invalid/original"
    assert item(listed._replace(image_urls=urls)).image_link == "http://p.invalid/original"


def test_a_file_is_whole_or_as_it_was(
    refused: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """A query that fails in its middle leaves the earlier file, and nothing beside it."""
    (tmp_path / "all.csv").write_text("yesterday's\n")
    failing = "SELECT if(i > 300000, error('no further'), i) AS i FROM range(400000) rows_of(i)"
    said = {"csv": "on one of its rows", "json": "on one of its rows", "parquet": "no further"}
    for fmt, reason in said.items():
        status, error = refused(failing, "-o", "all.csv", "--format", fmt)
        assert (status, error.count("\n")) == (2, 1)
        assert reason in error
    assert [one.name for one in tmp_path.iterdir()] == ["all.csv"]
    assert (tmp_path / "all.csv").read_text() == "yesterday's\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "a.csv"), "give a query, --deals PERCENT or --merchant"),
        (("SELECT 1", "--deals", "3", "-o", "a.csv"), "not both"),
        (("SELECT 1", "-o", "a.xls"), "give --format csv, json, parquet or merchant"),
        (("SELECT 1", "--merchant", "-o", "a.xml"), "must give a product_id"),
        (("--merchant", "--format", "csv", "-o", "a.csv"), "leave --format out"),
        (("--merchant", "--affid", "m e", "-o", "a.xml"), "affid"),
        (("--merchant", "--affid", "", "-o", "a.xml"), "FK_AFFILIATE_ID is not set"),
        (("SELECT 1", "-o", "none/a.csv"), "there is no folder none"),
        (("SELECT 1", "-o", "."), "give --format"),
        (("SELECT 1", "--format", "csv", "-o", "."), "is a folder"),
        (("DROP TABLE products", "-o", "a.csv"), "read-only"),
        (("FROM read_csv('/etc/passwd')", "-o", "a.csv"), "disabled"),
    ],
)
def test_wrong_calls(
    refused: Callable[..., tuple[int, str]],
    tmp_path: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    """One line that says what to do, status 2, and no file."""
    status, error = refused(*arguments)
    assert (status, error.count("\n")) == (2, 1)
    assert said in error
    assert list(tmp_path.iterdir()) == []
