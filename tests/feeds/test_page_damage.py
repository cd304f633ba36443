"""JSON pages that are almost JSON: what is mended, what is set aside, and what is not guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dialect import DIALECTS
from feeds.errors import PageBrokenError
from feeds.json_text import mended
from feeds.page import Page, decode_page, decode_version
from feeds.sandbox.older import older
from feeds.sandbox.synthetic import synthetic
from tests.feeds.test_decoder_fuzz import LONG
from tests.scripted import record

NEXT = "https://h.example/affiliate/1.0/feeds/me/category/a/c2.json?expiresAt=1&sig=ab"
(_CATEGORY,) = synthetic(80, 1, books=0).categories.values()
SHELF = [one for slot in range(len(_CATEGORY)) if (one := _CATEGORY.record(slot))][:8]

HERE = "@here@"
NUMBER = 7777.0


def page_of(*records: Any, **around: Any) -> bytes:
    """Return a page's body: the link before its list, and the last id behind it."""
    return json.dumps(
        {"nextUrl": NEXT, "products": records, "lastProductId": "X"} | around
    ).encode()


def marked() -> bytes:
    """Return a page of three, with a mark in a text and a number of the second."""
    shipping = {"productShippingInfoV1": {"sellerAverageRating": NUMBER}}
    return page_of(record("A"), record("B", title=f"a {HERE}") | shipping, record("C"))


def rows(page: Page) -> dict[str, dict[str, Any]]:
    """Return what a page says of each product, without its place."""
    return {row["product_id"]: row | {"record_number": None} for row in page.frame.to_dicts()}


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b"\t", "\t"),
        (b"\r\n", "\r\n"),
        (b"\x1f", "\x1f"),
        (b"\0", "\ufffd"),
        (rb"\'", "'"),
        (rb"\x41", "A"),
        (rb"\x00", "\ufffd"),
        (rb"C:\Program", r"C:\Program"),
        (rb"\u12", r"\u12"),
        (rb"\u12zz", r"\u12zz"),
        (rb"\\x41 \\\'", "\\x41 \\'"),
        ("\N{EURO SIGN}\t".encode(), "\N{EURO SIGN}\t"),
        (b"\xe9\t", "\ufffd\t"),
        (b"// /* NaN, ] 01 */\t", "// /* NaN, ] 01 */\t"),
    ],
)
def test_a_text_is_mended(wire: bytes, text: str) -> None:
    """Control characters and escapes that JSON does not have; the neighbours are not touched."""
    page = decode_page(marked().replace(HERE.encode(), wire))
    assert page.frame["title"].to_list() == ["Product A", f"a {text}", "Product C"]
    assert (page.rejected, page.next_url, page.damaged_count) == ([], NEXT, 0)
    assert page.repair_count > 0


@pytest.mark.parametrize(
    ("wire", "number"),
    [
        ("NaN", None),
        ("-Infinity", None),
        ("undefined", None),
        ("None", None),
        ("01", 1.0),
        ("007.50", 7.5),
        ("+1", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1.e2", 100.0),
        ("1 /* of 5 */", 1.0),
        ("1,", 1.0),
        ("1 // of 5\n", 1.0),
        ("\0 1", 1.0),
    ],
)
def test_a_value_is_mended(wire: str, number: float | None) -> None:
    """Numbers in other spellings, words for none, a comma too many and comments."""
    page = decode_page(marked().replace(str(NUMBER).encode(), wire.encode()))
    assert page.frame["seller_rating"].to_list() == [None, number, None]
    assert (page.rejected, page.next_url, page.repair_count) == ([], NEXT, 1)


@pytest.mark.parametrize("start", ["", ")]}'\n", ")]}',\n"])
@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_an_answer_in_another_encoding_is_read(start: str, encoding: str) -> None:
    """With or without a mark, and what guards JSON from browsers: nothing of it was damaged."""
    plain = page_of(record("A", title="caf\u00e9 \u20b9"))
    page = decode_page((start + plain.decode()).encode(encoding))
    assert rows(page) == rows(decode_page(plain))
    assert (page.next_url, page.repair_count) == (NEXT, 0)
    version = (start + '{"version": 7}').encode(encoding)
    assert decode_version(version) == 7


@pytest.mark.parametrize(
    "wire",
    [
        b'5" screen',
        b'"',
        b'say "yes", "no" or "so"',
        b"C:\\",
        b'5\t"',
        b'5" /* x',
        b'{"productId": 1}"',
    ],
)
def test_a_bare_quote_costs_its_record_alone(wire: bytes) -> None:
    """It could end the text or stand in it: nothing is guessed, and the bytes are kept."""
    body = marked().replace(HERE.encode(), wire)
    page = decode_page(body)
    assert rows(page) == {
        one: row for one, row in rows(decode_page(marked())).items() if one != "B"
    }
    (rejected,) = page.rejected
    assert (rejected.reason, rejected.record_number, rejected.product_id) == (
        "not_a_record",
        1,
        "B",
    )
    assert rejected.raw in body
    assert wire in rejected.raw
    assert rejected.detail.startswith("it is no JSON (")
    assert (page.next_url, page.last_product_id, page.damaged_count) == (NEXT, "X", 1)


@pytest.mark.parametrize(
    "body",
    [
        # Cut off in the middle, where it looks as if it had ended.
        b'{"nextUrl": null, "products": [{"productBaseInfoV1": {"offers": ["5" x"]}',
        b'{"nextUrl": null, "products": [{"productBaseInfoV1": {"keySpecs": [{"a": "5" x"}]}',
        # The damaged record hides where the walk goes on.
        b'{"products": [{"productBaseInfoV1": {"title": "5" x"}, "nextUrl": "n", "of": []}',
        b'{"products": [{"productBaseInfoV1": {"a": ["5" x"], "b": 1, "lastProductId": ""}',
        # What is around the list is damaged.
        b'{"nextUrl": "5" x", "products": [{"productBaseInfoV1": {"productId": "A"}}]}',
        b'{"products": [{"productBaseInfoV1": {"productId": "A"}}], "nextUrl": "5" x"}',
        b'{"products": [{"productBaseInfoV1": {"productId": "A"}}, "nextUrl": "n"}',
        # Two lists, one of them damaged.
        b'{"products": [{"offset": "5" x"}], "productInfoList": [{"offset": 1}], "nextUrl": "n"}',
        # Nothing that looks like a record.
        b'{"products": [<html>], "nextUrl": "n"}',
        b'{"products": ["5" x"], "nextUrl": "n"}',
    ],
)
def test_what_is_not_certain_stays_broken(body: bytes) -> None:
    """Such a page is asked for again; it never ends a walk."""
    with pytest.raises(PageBrokenError, match="try again later"):
        decode_page(body)


def base(product: str, end: str = "}", **other: Any) -> str:
    """Return the least record, with what it ends with and what comes before."""
    before = "".join(f'"{name}": {value}, ' for name, value in other.items())
    return f'{{{before}"productBaseInfoV1": {{"productId": "{product}"}}{end}'


@pytest.mark.parametrize(
    ("elements", "products", "damaged"),
    [
        ([base("A"), "{A}", "{B},"], ["A"], ["{A}, {B},"]),
        (["{A}", base("B"), "{C}"], ["B"], ["{A}", "{C}"]),
        ([base("A") + " {C}", "{C}"], [], [base("A") + " {C}, {C}"]),
        ([base("A", x=1), '{"x": "5" y"}', base("B", x=2)], ["A", "B"], ['{"x": "5" y"}']),
        # One bracket too many, and one too few with the comma gone as well.
        (
            [base("A"), base("B", end='}, "b": 1}'), base("C")],
            ["A", "C"],
            [base("B") + ', "b": 1}'],
        ),
        ([base("A"), base("B", end="") + base("C", offset=1)], ["A", "C"], [base("B", end="")]),
        ([base("A"), base("B") + base("C"), '{"x": 0x1}'], ["A", "B", "C"], ['{"x": 0x1}']),
    ],
)
def test_where_a_record_ends(elements: list[str], products: list[str], damaged: list[str]) -> None:
    """Brackets too many or too few and unusual beginnings give no record what is another's."""
    body = f'{{"products": [{", ".join(elements)}], "nextUrl": "{NEXT}"}}'
    page = decode_page(body.encode())
    assert page.frame["product_id"].to_list() == products
    assert [one.raw.decode() for one in page.rejected] == damaged
    assert {one.reason for one in page.rejected} == {"not_a_record"}
    assert page.next_url == NEXT


def test_the_hash_is_of_the_list_as_it_came() -> None:
    """Another signature around the same damaged list changes nothing, another list does."""
    damaged = marked().replace(HERE.encode(), b'5" x')
    pages = [damaged, damaged.replace(b"sig=ab", b"sig=cd"), damaged.replace(b'5" x', b'6" x')]
    one, same, other = (decode_page(body).content_hash for body in pages)
    assert one == same != other


def _without_bracket(raw: bytes, at: int) -> bytes:
    places = [place for place, byte in enumerate(raw) if byte in b"{}[]" and place > 0]
    gone = places[at % len(places)]
    return raw[:gone] + raw[gone + 1 :]


Damage = Callable[[bytes, int], bytes]
BREAKS: dict[str, Damage] = {
    "bare quote": lambda raw, at: raw[:at] + b'"' + raw[at:],
    "cut off": lambda raw, at: raw[:at],
    "bracket gone": _without_bracket,
    "bracket more": lambda raw, at: raw[:at] + b"}" + raw[at:],
    "stray bytes": lambda raw, at: raw[:at] + b"\x02\xff" + raw[at:],
    "a word": lambda raw, at: raw[:at] + b" 0x1F " + raw[at:],
}


ENVELOPES = (
    '{{"nextUrl": "{link}", "validTill": 1, "productInfoList": {records}, "lastProductId": "x"}}',
    '{{"nextUrl": "{link}", "validTill": 1, "lastProductId": "x", "products": {records}}}',
    '{{"products": {records}, "lastProductId": "", "nextUrl": "{link}", "version": 3}}',
    '{{"productInfoList": null, "products": {records}, "nextUrl": "{link}"}}',
)


@LONG
@given(
    st.sampled_from(sorted(BREAKS)),
    st.integers(0, len(SHELF) - 1),
    st.floats(0.001, 0.999),
    st.sampled_from(ENVELOPES),
    st.tuples(st.sampled_from(["v1.1.0", "v0.1.0"]), st.sampled_from([None, 1])),
)
def test_one_damaged_record_changes_no_other(
    kind: str, place: int, part: float, envelope: str, spelling: tuple[str, int | None]
) -> None:
    """Whatever is done to one record: the others are as they were, and the link is kept."""
    version, indent = spelling
    records = [one if version == "v1.1.0" else older(one) for one in SHELF]
    raws = [json.dumps(one, indent=indent).encode() for one in records]
    good = rows(_decoded(raws, envelope, version))
    whole = raws[place]
    raws[place] = BREAKS[kind](whole, max(1, int(part * len(whole))))
    others = {product for number, product in enumerate(good) if number != place}
    try:
        page = _decoded(raws, envelope, version)
    except PageBrokenError:
        assert place == len(raws) - 1  # only the last record can hide where the list ends
        return
    found = rows(page)
    assert {one: found.get(one) for one in others} == {one: good[one] for one in others}
    assert page.next_url == NEXT
    if not _is_json(raws[place]):
        assert found.keys() == others
        assert [(one.reason, one.record_number, one.raw) for one in page.rejected] == [
            ("not_a_record", place, raws[place].strip())
        ]


def _is_json(raw: bytes) -> bool:
    """Tell a record in which a text was changed, and nothing else."""
    try:
        json.loads(raw.decode("utf-8", "replace"), strict=False)
    except ValueError:
        return False
    return True


def _decoded(raws: list[bytes], envelope: str, version: str) -> Page:
    around = envelope.format(link=NEXT, records=HERE).encode()
    body = around.replace(HERE.encode(), b"[" + b",".join(raws) + b"]")
    return DIALECTS[version, "json"].decode_page(body)


@LONG
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers()
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from([None, 1]),
)
def test_what_is_json_is_not_mended(value: Any, indent: int | None) -> None:
    """Mending finds nothing in it to mend; only halves of a surrogate pair are replaced."""
    body = json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    assert mended(body) == (body, 0)


def test_a_version_is_read_beside_a_damaged_record() -> None:
    """Some deltas may list records where only the version was asked for."""
    body = b'{"version": 7, "productInfoList": [{"productBaseInfoV1": {"title": "15" screen"}}]}'
    assert decode_version(body) == 7
