"""Ids, currencies, flags, numbers and links: one form, whichever format they came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.dump.dump import Dump
from feeds.product import v0_json, v0_xml, v1_json, v1_xml
from feeds.product.values import clean_product_id
from storage.statements import statement
from tests.feeds.dumps import packed

ID = "ONEFORM000000001"
LINK = f"http://dl.flipkart.com/dl/thing/p/itm1?pid={ID}"
FIELDS = (
    "productId",
    "productUrl",
    "inStock",
    "amount",
    "currency",
    "discountPercentage",
    "family",
)
GOOD = {"productId": ID, "amount": "5", "currency": "INR"}

Values = dict[str, Any]
Answer = tuple[Values, None] | tuple[None, str]
"""What was taken of a record, or the reason why it was not."""


def in_v1_json(said: Values) -> Answer:
    """Read a record of API v1.1.0 in JSON."""
    base = {name: said.get(name) for name in ("productId", "productUrl", "inStock")}
    price = {name: said.get(name) for name in ("amount", "currency")}
    base |= {"maximumRetailPrice": price, "discountPercentage": said.get("discountPercentage")}
    if "family" in said:
        base["productFamily"] = said["family"].split(",")
    return answer(*v1_json.decode_records(json.dumps([{"productBaseInfoV1": base}]).encode()))


def in_v0_json(said: Values) -> Answer:
    """Read a record of API v0.1.0 in JSON."""
    attributes = {name: said.get(name) for name in ("productUrl", "inStock", "discountPercentage")}
    attributes["maximumRetailPrice"] = {name: said.get(name) for name in ("amount", "currency")}
    attributes["sizeVariants"] = said.get("family")
    identifier = {"productId": said.get("productId")}
    base = {"productIdentifier": identifier, "productAttributes": attributes}
    return answer(*v0_json.decode_records(json.dumps([{"productBaseInfo": base}]).encode()))


def in_v1_xml(said: Values) -> Answer:
    """Read a record of API v1.1.0 in XML."""
    family = "".join(map(element("productFamily"), said.get("family", "").split(",")))
    return answer(*v1_xml.decode_records([xml("productBaseInfoV1", said, family)]))


def in_v0_xml(said: Values) -> Answer:
    """Read a record of API v0.1.0 in XML."""
    identifier = f"<productIdentifier>{element('productId')(said['productId'])}</productIdentifier>"
    rest = {name: value for name, value in said.items() if name != "productId"}
    variants = element("sizeVariants")(said.get("family", ""))
    attributes = xml("productAttributes", rest, variants).decode().removeprefix("<r>")
    whole = (
        f"<r><productBaseInfo>{identifier}{attributes.removesuffix('</r>')}</productBaseInfo></r>"
    )
    return answer(*v0_xml.decode_records([whole.encode()]))


def xml(part: str, said: Values, more: str) -> bytes:
    """Spell a record in XML."""
    plain = ("productId", "productUrl", "inStock", "discountPercentage")
    texts = "".join(element(name)(said[name]) for name in plain if name in said)
    price = "".join(element(name)(said[name]) for name in ("amount", "currency") if name in said)
    fields = f"{texts}<maximumRetailPrice>{price}</maximumRetailPrice>{more}"
    return f"<r><{part}>{fields}</{part}></r>".encode()


def element(name: str) -> Callable[[str], str]:
    """Return what spells a text as an element."""
    return lambda text: f"<{name}>{escape(text)}</{name}>"


def in_csv(said: Values, folder: Path) -> Answer:
    """Read a row of a dump, which names no currency."""
    columns = {"amount": "mrp", "discountPercentage": "discount", "family": "productFamily"}
    names = [name for name in FIELDS if name in said and name != "currency"]
    header = ",".join(columns.get(name, name) for name in names)
    row = ",".join('"' + said[name].replace('"', '""') + '"' for name in names)
    with Dump(packed(folder / "dump.zip", f"{header}\n{row}\n".encode())) as dump:
        (chunk,) = dump.chunks()
    return answer(chunk.frame, chunk.rejected)


def answer(frame: Any, rejected: Any) -> Answer:
    """Return what was taken of the one record, under the names of JSON."""
    if rejected:
        return None, rejected[0].reason
    (row,) = frame.to_dicts()
    return {
        "productId": row["product_id"],
        "productUrl": row["product_url"],
        "inStock": row["in_stock"],
        "amount": row["mrp"],
        "currency": row["currency"],
        "discountPercentage": row["discount_percentage"],
        "family": row["product_family"] or row["size_variants"],
    }, None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("productId", f" {ID}", ID),
        ("productId", f"\n     {ID}\n   ", ID),
        ("productId", f"\ufeff{ID}\u200b", ID),
        ("productId", f"\u00a0{ID}\u2060\u200f", ID),
        ("productId", f"\t{ID}\r\n", ID),
        ("productId", " ", "no_product_id"),
        ("productId", "\u200b", "no_product_id"),
        ("productId", "A B", "no_product_id"),
        ("productId", "A\u200bB", "no_product_id"),
        ("productId", 'A"B', "no_product_id"),
        ("productId", "x" * 201, "no_product_id"),
        ("currency", " inr\n", "INR"),
        ("currency", "\u200b", None),
        ("productUrl", f"\n {LINK}&amp;AFFID=other\u200b", LINK),
        ("productUrl", f"{LINK}%26affid%3Dother", LINK),
        ("productUrl", "https://dl.flipkart.com/s/aB3", None),
        ("inStock", "True", True),
        ("inStock", " FALSE\n", False),
        ("inStock", "null", None),
        ("inStock", "yes", "bad_value"),
        ("inStock", "1", "bad_value"),
        ("amount", " 999.0\u00a0", Decimal("999.00")),
        ("amount", "", None),
        ("amount", "1,299", "bad_price"),
        ("amount", "cheap", "bad_price"),
        ("discountPercentage", "\t45.5 ", 45.5),
        ("discountPercentage", "45%", "bad_value"),
        ("family", "[A1, B2\u200b,\n C3 ,]", ["A1", "B2", "C3"]),
        ("family", "\ufeffA1,,B2", ["A1", "B2"]),
    ],
)
def test_one_form_in_every_format(tmp_path: Path, name: str, text: str, expected: Any) -> None:
    """A value is the same, or is refused for the same reason, in all five."""
    said = GOOD | {name: text}
    found = [in_v1_json(said), in_v0_json(said), in_v1_xml(said), in_v0_xml(said)]
    if name != "currency":
        found.append(in_csv(said, tmp_path))
    values = [reason if taken is None else taken[name] for taken, reason in found]
    assert values == [expected] * len(found)


@pytest.mark.parametrize("read", [in_v1_json, in_v0_json])
def test_an_id_that_is_a_number(read: Callable[[Values], Answer]) -> None:
    """A book's number may come as one: its digits are the id."""
    taken, _ = read(GOOD | {"productId": 9780000000002})
    assert taken is not None
    assert taken["productId"] == "9780000000002"
    assert read(GOOD | {"productId": 97.5}) == (None, "no_product_id")
    assert read(GOOD | {"productId": -1}) == (None, "no_product_id")
    assert read(GOOD | {"productId": True}) == (None, "no_product_id")


def test_two_spellings_of_a_currency_are_one() -> None:
    """Prices in ` inr ` and `INR` share their currency, and an empty one says nothing."""
    prices = {
        "maximumRetailPrice": {"amount": 2, "currency": " inr "},
        "flipkartSellingPrice": {"amount": 1, "currency": "INR"},
        "flipkartSpecialPrice": {"amount": 1, "currency": " "},
    }
    body = json.dumps([{"productBaseInfoV1": {"productId": ID} | prices}]).encode()
    frame, rejected = v1_json.decode_records(body)
    assert (frame["currency"].to_list(), rejected) == (["INR"], [])


def test_spellings_of_one_id_are_twins(tmp_path: Path) -> None:
    """Two records of a page, or rows of a dump, are then of the same product."""
    records = [{"productBaseInfoV1": {"productId": text}} for text in (ID, f" {ID}\u200b")]
    frame, _ = v1_json.decode_records(json.dumps(records).encode())
    assert frame["product_id"].to_list() == [ID, ID]
    rows = f"productId,title\n{ID},a\n {ID}\u00a0,b\n"
    with Dump(packed(tmp_path / "dump.zip", rows.encode())) as dump:
        (chunk,) = dump.chunks()
    assert chunk.frame["product_id"].to_list() == [ID, ID]


IDS = st.text(st.sampled_from('AZaz09_-é"\u200b\u00a0 \t\n\ufeff\u3164'), max_size=8)


@settings(deadline=None, max_examples=30)
@given(st.lists(IDS | st.text(max_size=5).map(lambda text: text.replace("\0", "")), max_size=40))
def test_the_macro_has_the_same_rule_for_ids(ids: list[str]) -> None:
    """What SQL finds wrong in an older lake is what a decoder writes otherwise."""
    with duckdb.connect() as connection:
        connection.execute(statement("macros/clean_product_url"))
        connection.execute(statement("macros/clean_product_id"))
        rows = connection.execute(
            "SELECT clean_product_id(id) FROM (SELECT unnest($1::VARCHAR[]) AS id)", [ids]
        ).fetchall()
    assert [row[0] for row in rows] == [clean_product_id(text) for text in ids]
