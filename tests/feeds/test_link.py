"""Links that earn: what goes in, what comes out, what is refused."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.link import (
    HOSTS,
    AffiliateLink,
    LinkError,
    affiliate_url,
    canonical_url,
    copied,
    read_link,
)
from feeds.product_url import SHORT_HOSTS, clean_product_url, is_short_link
from tests.hostile_links import AFFIDS, HOSTILE, IDS_IN_OTHER_SPELLINGS, SUB_IDS

PRODUCT = "https://dl.flipkart.com/dl/made-up/p/itm?pid=MADEUP0000000001"
PRODUCT_IDS = st.from_regex(r"[A-Za-z0-9]{8,32}", fullmatch=True)
SOON = settings(deadline=None)


def captured_urls(captures: Path) -> Iterator[str]:
    """Yield every `productUrl` of the captured JSON answers."""
    for file in sorted(captures.rglob("*.json*")):
        body = file.read_bytes()
        yield from urls_in(json.loads(gzip.decompress(body) if file.suffix == ".gz" else body))


def urls_in(value: Any) -> Iterator[str]:
    """Yield every text under a key `productUrl`, at any depth."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "productUrl" and isinstance(one, str):
                yield one
            else:
                yield from urls_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from urls_in(one)


@pytest.mark.captures
def test_every_captured_link_changes_hands(captures: Path) -> None:
    """The captured id goes, ours comes, the scheme is https and nothing else changes."""
    urls = list(captured_urls(captures))
    assert len(urls) > 20_000
    for url in urls:
        before, _, owner = url.partition("&affid=")
        expected = before.replace("http:", "https:", 1) + "&affid=mine&affExtParam1=mail"
        assert expected == affiliate_url(url, "mine", "mail")
        assert owner == read_link(url).affid


@SOON
@given(PRODUCT_IDS, AFFIDS, SUB_IDS, SUB_IDS)
def test_what_is_built_is_read(
    product_id: str, affid: str, sub1: str | None, sub2: str | None
) -> None:
    """Every id comes back as it went in."""
    link = affiliate_url(canonical_url(product_id), affid, sub1, sub2)
    assert AffiliateLink(product_id, affid, (sub1, sub2)) == read_link(link)


@SOON
@given(HOSTILE, AFFIDS, SUB_IDS, SUB_IDS)
def test_any_link_is_refused_or_earns_for_one(
    url: str, affid: str, sub1: str | None, sub2: str | None
) -> None:
    """What comes out leads to the shop, names us once, is ASCII and stays as it is."""
    said, link = "", ""
    try:
        link = affiliate_url(url, affid, sub1, sub2)
    except LinkError as refused:
        said = str(refused)
    if not link:
        assert re.fullmatch(r"[\x20-\x7e]+; [a-z0-9 :/?&,.-]+", said)
        return
    parts = urlsplit(link)
    tracking = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() in {"affid", "affextparam1", "affextparam2"}
    ]
    asked = {"affid": affid, "affExtParam1": sub1, "affExtParam2": sub2}
    assert parts.scheme == "https"
    assert parts.netloc in HOSTS
    assert [(name, value) for name, value in asked.items() if value] == tracking
    assert link.isascii()
    assert link.isprintable()
    assert " " not in link
    assert link == affiliate_url(link, affid, sub1, sub2)
    assert affiliate_url(link, "another") == affiliate_url(url, "another")


@SOON
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_other_values_survive(value: str) -> None:
    """A value that was escaped once means the same afterwards, whatever is in it."""
    link = affiliate_url(f"{PRODUCT}&q={quote(value, safe='')}&z=1", "mine")
    assert {"pid": "MADEUP0000000001", "q": value, "z": "1", "affid": "mine"} == dict(
        parse_qsl(urlsplit(link).query, keep_blank_values=True)
    )


@pytest.mark.parametrize(
    ("given_query", "kept"),
    [
        ("pid=A&q=red shoes", "pid=A&q=red%20shoes"),
        ("pid=A&q=100%", "pid=A&q=100%25"),
        ("pid=A&q=a%26b%2520c", "pid=A&q=a%26b%2520c"),
        ("pid=A&q=a+b", "pid=A&q=a+b"),
        ("pid=A&q=\u0939", "pid=A&q=%E0%A4%B9"),
        ("pid=A&flag&empty=&&q=1&", "pid=A&flag&empty=&q=1"),
        ("q=1&q=2&pid=A", "q=1&q=2&pid=A"),
        ("pid=A&size[]=9", "pid=A&size%5B%5D=9"),
        ("pid=A&affidavit=1&xaffid=2", "pid=A&affidavit=1&xaffid=2"),
    ],
)
def test_other_parameters_keep_order_and_bytes(given_query: str, kept: str) -> None:
    """Only what cannot stand in a URL is escaped; empty parameters go."""
    expected = f"https://www.flipkart.com/x?{kept}&affid=mine"
    assert expected == affiliate_url(f"https://www.flipkart.com/x?{given_query}", "mine")


@pytest.mark.parametrize(
    "foreign",
    [
        "affid=other",
        "AFFID=other",
        "%61ffid=other",
        "%41FF%49%44=other",
        "affid=other&affid=third",
        "affid",
        "affid=",
        "affid=other&affExtParam1=a&affExtParam2=b",
        "affextparam%31=a&AFFEXTPARAM2=b&Affid=other",
    ],
)
@pytest.mark.parametrize("template", ["{}&pid=A", "pid=A&{}", "{}&pid=A&{}"])
def test_nobody_else_is_left(foreign: str, template: str) -> None:
    """Another's ids go however their names are spelled, and as often as they stand there."""
    url = f"http://www.flipkart.com/x?{template.replace('{}', foreign)}"
    expected = "https://www.flipkart.com/x?pid=A&affid=mine"
    assert expected == affiliate_url(url, "mine")


def test_earlier_sub_ids_go_with_their_affid() -> None:
    """A link says what was asked for: a sub-id that is not asked for again is dropped."""
    link = affiliate_url(PRODUCT, "mine", "mail", "week-7")
    assert f"{PRODUCT}&affid=mine&affExtParam2=site" == affiliate_url(link, "mine", sub2="site")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.flipkart.com", "https://www.flipkart.com/?affid=mine"),
        ("https://flipkart.com?", "https://flipkart.com/?affid=mine"),
        ("https://dl.flipkart.com/dl/offers", "https://dl.flipkart.com/dl/offers?affid=mine"),
        ("HTTPS://WWW.Flipkart.Com/Ab", "https://www.flipkart.com/Ab?affid=mine"),
        ("http://www.flipkart.com.:80/a", "https://www.flipkart.com/a?affid=mine"),
        ("https://www.flipkart.com:443/a", "https://www.flipkart.com/a?affid=mine"),
        ("https://www.flipkart.com:/a", "https://www.flipkart.com/a?affid=mine"),
        ("https://www.flipkart.com/a#b?c", "https://www.flipkart.com/a?affid=mine#b?c"),
        ("https://www.flipkart.com/a?b#", "https://www.flipkart.com/a?b&affid=mine"),
        ("https://www.flipkart.com/é", "https://www.flipkart.com/%C3%A9?affid=mine"),
    ],
)
def test_spellings_of_the_shop(url: str, expected: str) -> None:
    """Case, the scheme's own port and one dot at the host's end do not matter."""
    assert expected == affiliate_url(url, "mine")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://flipkart.com.evil.com/x", "does not lead"),
        ("https://evil-flipkart.com/x", "does not lead"),
        ("https://evil.com/www.flipkart.com?pid=A", "does not lead"),
        ("https://affiliate.flipkart.com/x", "does not lead"),
        ("https://www.flipk\u0430rt.com/x", "does not lead"),
        ("https://www.flip\u212aart.com/x", "does not lead"),
        ("https://www.xn--flipkrt-6fg.com/x", "does not lead"),
        ("https://www.flipkart\uff0ecom/x", "does not lead"),
        ("https://www.flipkart.com../x", "does not lead"),
        ("https://www.flipkart.com\\@evil.com/x", "user before its host"),
        ("https://www.flipkart.com%2eevil.com/x", "does not lead"),
        ("https://www.flipkart.com%00.evil.com/x", "does not lead"),
        ("https://[::1]/x", "does not lead"),
        ("https://[www.flipkart.com/x", "no link"),
        ("https://www.flipkart.com\u2100/x", "no link"),
        ("https://flipkart.com@evil.com/x", "user before its host"),
        ("https://me:secret@www.flipkart.com/x", "user before its host"),
        ("https://@www.flipkart.com/x", "user before its host"),
        ("https://www.flipkart.com:8443/x", "port"),
        ("https://www.flipkart.com:80/x", "port"),
        ("http://www.flipkart.com:443/x", "port"),
        ("https://www.flipkart.com:\u0664\u0664\u0663/x", "does not lead"),
        ("ftp://www.flipkart.com/x", "no http or https"),
        ("javascript://www.flipkart.com/%0aalert(1)", "no http or https"),
        ("http\u017f://www.flipkart.com/x", "no http or https"),
        ("//www.flipkart.com/x", "no http or https"),
        ("www.flipkart.com/x", "no http or https"),
        ("https:/www.flipkart.com/x", "no http or https"),
        ("https:///www.flipkart.com/x", "no http or https"),
        ("", "no http or https"),
        ("https://www.flip\tkart.com/x", r"control or invisible character U\+0009"),
        ("https://www.flipkart.com/\x00/x", r"U\+0000"),
        ("https://www.flipkart.com/\udcff", r"U\+DCFF"),
        ("https://www.flipkart.com/x?pid=A\u200b&q=1", r"U\+200B"),
        ("https://www.flip\u00adkart.com/x", r"U\+00AD"),
        ("https://www.flipkart.com/x?q=a\u202eb", r"U\+202E"),
        ("https://www.flipkart.com/x?q=a\u00a0b", r"U\+00A0"),
        ("https://www.flipkart.com/p/itm&affid=other", "glued"),
        ("https://www.flipkart.com/p/itm?pid=Aaffid=other", "glued"),
        ("https://www.flipkart.com/p/itm?pid=A?affid=other", "glued"),
        ("https://www.flipkart.com/p/itm?x=1&affid=other?pid=A", "glued"),
    ],
)
def test_what_is_refused(url: str, why: str) -> None:
    """Another host, however alike, and anything that could lead astray."""
    for use in (read_link, lambda one: affiliate_url(one, "mine")):
        with pytest.raises(LinkError, match=why) as raised:
            use(url)
        assert len(str(raised.value).splitlines()) == 1
        assert "; " in str(raised.value)


@pytest.mark.parametrize("value", ["", "a b", "a&b", "a=b", "%41", "a\n", "\u00e9", "x" * 101])
@pytest.mark.parametrize("name", ["affid", "affExtParam1", "affExtParam2"])
def test_ids_that_would_not_survive_are_refused(name: str, value: str) -> None:
    """1 to 100 letters, digits, dots, dashes and underscores, and the message names which id."""
    ids = {"affid": "mine", "affExtParam1": None, "affExtParam2": None} | {name: value}
    with pytest.raises(LinkError, match=rf"^{name} .*100 letters"):
        affiliate_url(PRODUCT, ids["affid"] or "", ids["affExtParam1"], ids["affExtParam2"])


@pytest.mark.parametrize("text", ["", "short", "MADEUP-000000001", "x" * 33, "MADEUP00000000é"])
def test_what_is_no_product_id(text: str) -> None:
    """A slip is seen before it becomes a link."""
    with pytest.raises(LinkError, match="neither a link nor a product id"):
        canonical_url(text)


def test_canonical_link() -> None:
    """Host, path and `pid` as captured links have them."""
    expected = "https://dl.flipkart.com/dl/product/p/itme?pid=MADEUP0000000001"
    assert expected == canonical_url("MADEUP0000000001")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", AffiliateLink(None, None, (None, None))),
        ("pid=&affid=", AffiliateLink(None, None, (None, None))),
        ("PID=A&%61ffid=b&affExtParam2=c+d", AffiliateLink("A", "b", (None, "c d"))),
        ("affid=a&affid=b&pid=A&pid=B", AffiliateLink("A", "a", (None, None))),
    ],
)
def test_reading(query: str, expected: AffiliateLink) -> None:
    """What stands there, decoded; the first of a repeated parameter that is not empty."""
    assert expected == read_link(f"https://www.flipkart.com/x?{query}")


def test_a_long_message_is_cut_and_keeps_no_signature() -> None:
    """A link that is refused is shown in part, without what is secret in it."""
    url = "https://affiliate-api.flipkart.net/feed?sig=0123456789abcdef&x=" + "y" * 5000
    with pytest.raises(LinkError) as raised:
        read_link(url)
    assert "0123456789" not in str(raised.value)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "end", ["\u200b", "\ufeff", "\u00a0", "\u2060", "\u00ad", "\u200f", "\ufe0f", " \r\n\t"]
)
def test_invisible_characters_at_the_ends_go(end: str) -> None:
    """A copied link often ends with one; inside a link they are refused."""
    assert affiliate_url(f"{end}{PRODUCT}{end}{end}", "mine") == f"{PRODUCT}&affid=mine"
    assert read_link(PRODUCT + end).product_id == "MADEUP0000000001"


SHORT_LINKS = [f"https://{host}/aB3dE" for host in SHORT_HOSTS]


@pytest.mark.parametrize(
    "url",
    [
        *SHORT_LINKS,
        "http://FKRT.it",
        "https://www.fktr.in./aB3dE?affid=mine",
        "ekaro.in/aB3dE",
        "https://dl.flipkart.com/s/aB3dE",
        "https://dl.flipkart.com/dl/s/aB3dE",
        "http://www.flipkart.com./s/aB3dE",
        "https://dl.flipkart.com:443//dl//S/aB3dE?pid=A&affid=mine",
    ],
)
def test_short_links_are_refused(url: str) -> None:
    """They lead to whoever made them, so that no affid on them earns; and none is stored."""
    with pytest.raises(
        LinkError, match=r"is a short link, which leads to whoever made it; open it"
    ):
        affiliate_url(url, "mine")
    assert clean_product_url(url) is None


@pytest.mark.parametrize(
    "url",
    ["https://dl.flipkart.com/dl/s-shoes/p/itm?pid=A", "https://www.flipkart.com/search?q=/s/a"],
)
def test_what_only_looks_like_a_short_link(url: str) -> None:
    """The short path begins the link's path and is a name of its own."""
    assert affiliate_url(url, "mine") == f"{url}&affid=mine"


@pytest.mark.parametrize("ids", IDS_IN_OTHER_SPELLINGS)
def test_ids_in_other_spellings(ids: str) -> None:
    """Nobody's id is stored and only ours is in a link, and the product's id stays as it is."""
    assert clean_product_url(PRODUCT + ids) == PRODUCT
    if not ids.startswith("#"):
        assert clean_product_url(f"{PRODUCT}{ids}&lid=L") == f"{PRODUCT}&lid=L"
    for url in (PRODUCT + ids, f"  {PRODUCT}{ids}\u200b"):
        assert affiliate_url(url, "mine") == f"{PRODUCT}&affid=mine"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/p?affid=a&affid=b&c=1", "http://h/p?c=1"),
        ("http://h/p?affid=a", "http://h/p"),
        ("http://h/p?pid=1&affid=a-b_c#x", "http://h/p?pid=1#x"),
        ("http://h/p?affid=a#x", "http://h/p#x"),
        ("http://h/p?affid=a#affid=b&x=1", "http://h/p#x=1"),
        ("http://h/p?x=1&amp;y=2", "http://h/p?x=1&y=2"),
        ("http://h/p?q=affid=1", "http://h/p?q=affid=1"),
        ("http://h/p?q=a%26b%2520c&&x=&", "http://h/p?q=a%26b%2520c&&x=&"),
        ("http://h/p?pid=A1affid=other&x=1", "http://h/p?pid=A1&x=1"),
        ("http://h/p?pid=A1?affid=other", "http://h/p?pid=A1"),
        ("http://h/p?pid=A1|affid=other", "http://h/p?pid=A1"),
        ("http://h/p?affid=other?pid=A1", "http://h/p?pid=A1"),
        ("http://h/p&affid=other?pid=A1", "http://h/p?pid=A1"),
        ("http://h/paffid=other?pid=A1", "http://h/p?pid=A1"),
        ("http://h/p;affid=other?pid=A1", "http://h/p?pid=A1"),
        ("http://h/p?pid=A1%26lid%3DL%26affid%3Dx&z", "http://h/p?pid=A1&lid%3DL&z"),
        (
            "http://h/r?u=https%3A%2F%2Fg%2Fx%3Fpid%3DA%26affid%3Dx%26z",
            "http://h/r?u=https%3A%2F%2Fg%2Fx%3Fpid%3DA%26z",
        ),
        (
            "http://h/r?u=https%3A%2F%2Fg%2Fx%3Faffid%3Dx%26pid%3DA",
            "http://h/r?u=https%3A%2F%2Fg%2Fx%3Fpid%3DA",
        ),
        ("http://h/r?u=https://g/x?affid=x&pid=A", "http://h/r?u=https://g/x&pid=A"),
        ("\ufeff http://h/p\u200b ", "http://h/p"),
        (
            "http://h/p?notaffid=1&affidavit=2&cmpid=3&utm_source=4",
            "http://h/p?notaffid=1&affidavit=2&cmpid=3&utm_source=4",
        ),
        ("\u200b", None),
    ],
)
def test_the_one_form_of_a_link(url: str, expected: str | None) -> None:
    """Ids go wherever they stand; everything else keeps its order and its bytes."""
    assert clean_product_url(url) == expected


@SOON
@given(HOSTILE)
def test_the_one_form_is_reached_at_once(url: str) -> None:
    """Cleaning again changes nothing, and a link is the same from the clean one."""
    clean = clean_product_url(url)
    if clean is not None:
        assert clean_product_url(clean) == clean
        assert is_short_link(clean) is False


@SOON
@given(HOSTILE)
def test_a_link_is_the_same_from_the_lake(url: str) -> None:
    """What the lake holds of a link earns as the link itself does."""
    try:
        link = affiliate_url(url, "mine")
    except LinkError:
        return
    assert affiliate_url(clean_product_url(url) or "", "mine") == link


@SOON
@given(st.lists(st.sampled_from(IDS_IN_OTHER_SPELLINGS), max_size=4), AFFIDS, SUB_IDS)
def test_several_spellings_at_once(ids: list[str], affid: str, sub_id: str | None) -> None:
    """However many ids stand in a link, one is left, and the product's id is whole."""
    link = affiliate_url(PRODUCT + "".join(ids), affid, sub_id)
    assert link == affiliate_url(PRODUCT, affid, sub_id)
    assert link == affiliate_url(link, affid, sub_id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PRODUCT})", PRODUCT),
        (f"({PRODUCT}).", PRODUCT),
        (f"<{PRODUCT}>,", PRODUCT),
        (f"\u201c{PRODUCT}\u201d", PRODUCT),
        (f"{PRODUCT}.", PRODUCT),
        (f"{PRODUCT}%E2%80%8B", PRODUCT),
        (f"{PRODUCT}\u200b)\ufeff", PRODUCT),
        ("https://www.flipkart.com/a(b)", "https://www.flipkart.com/a(b)"),
        ("https://www.flipkart.com/a(b))", "https://www.flipkart.com/a(b)"),
        ("https://www.flipkart.com/a).", "https://www.flipkart.com/a"),
        ("https://www.flipkart.com/a?q=%C3%A9", "https://www.flipkart.com/a?q=%C3%A9"),
        ("https://www.flipkart.com.", "https://www.flipkart.com."),
        (f"{PRODUCT}&affid=a.", f"{PRODUCT}&affid=a."),
        ("(MADEUP0000000001)", "MADEUP0000000001"),
        ('"MADEUP0000000001",', "MADEUP0000000001"),
        ("\ufeffMADEUP0000000001\u200b", "MADEUP0000000001"),
        ("no-id.", "no-id."),
    ],
)
def test_what_was_copied_with_a_link_goes(text: str, expected: str) -> None:
    """Only where it surely is no part of it."""
    assert copied(text) == expected


@pytest.mark.parametrize("end", list(".,;:!'"))
def test_an_end_that_is_not_certain_is_refused(end: str) -> None:
    """A path or a value may end so, and a sentence too."""
    with pytest.raises(LinkError, match=r"may be the end of a sentence; leave it out, or write %"):
        copied(f"https://www.flipkart.com/a/p/itm1{end}")


@SOON
@given(HOSTILE)
def test_copying_again_changes_nothing(text: str) -> None:
    """What is left is what was meant, or is refused."""
    try:
        subject = copied(text)
    except LinkError:
        return
    assert copied(subject) == subject
