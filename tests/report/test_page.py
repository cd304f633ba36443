"""The report needs nothing but itself, can be read by anybody, and no text in it does harm."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.report.words import one_line, picture_link, web_link
from tests.report.reading import Page, read
from tests.report.shop import HOSTILE

BOTH = ("shop_file", "hostile_file")


@pytest.fixture(params=BOTH)
def page(request: pytest.FixtureRequest) -> Page:
    """Return either report, read."""
    file: Path = request.getfixturevalue(request.param)
    return read(file)


def test_it_is_self_contained(page: Page) -> None:
    """No script, no style, font, frame or import from elsewhere; pictures by https and lazily."""
    for name in ("script", "iframe", "object", "embed", "base", "form", "video", "audio", "source"):
        assert page.xpath(f"//{name}") == [], name
    assert page.xpath("//@style | //@srcset | //@*[starts-with(name(), 'on')]") == []
    assert [one.get("rel") for one in page.xpath("//link")] == ["icon"]
    assert page.xpath("//link/@href")[0].startswith("data:image/svg+xml,")
    (style,) = page.xpath("//style")
    assert not re.search(r"@import|url\(|@font-face", style.text)
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; img-src https: data:; style-src 'sha256-")


def test_pictures(page: Page) -> None:
    """Each has its alternative, comes late, by https, and keeps its place."""
    for picture in page.xpath("//img"):
        assert picture.get("src").startswith("https://")
        assert picture.get("alt").startswith("Picture of ")
        kept = [picture.get(name) for name in ("loading", "referrerpolicy", "width", "height")]
        assert kept == ["lazy", "no-referrer", "88", "88"]


def test_tables(page: Page) -> None:
    """Each has a caption, and every head says what it heads; one can scroll to it by keyboard."""
    found = page.xpath("//table")
    assert len(found) > 9
    for table in found:
        assert table.find("caption").text_content().strip()
        assert {one.get("scope") for one in table.xpath("thead//th")} == {"col"}
        assert {one.get("scope") for one in table.xpath("tbody//th")} <= {"row", "rowgroup"}
        assert all(row.xpath("th[@scope]") for row in table.xpath("tbody/tr"))
        columns = len(table.xpath("thead//th"))
        rows = table.xpath("tbody/tr[not(th[@colspan])]")
        assert {len(row) for row in rows} == {columns}
        around = table.getparent()
        assert (around.get("role"), around.get("tabindex")) == ("region", "0")


def test_landmarks_and_names(page: Page) -> None:
    """One header, navigation, main part and footer; every reference leads somewhere."""
    for name in ("header", "nav", "main", "footer", "h1"):
        assert len(page.xpath(f"//{name}")) == 1, name
    assert page.get("lang") == "en"
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)
    assert {one[1:] for one in page.xpath("//a/@href") if one.startswith("#")} <= set(ids)
    assert page.xpath("//body/*[1]/@href") == ["#main"]
    assert all(page.xpath("//*[local-name() = 'svg' and @role = 'img']/@aria-label"))
    assert len(page.xpath("//*[local-name() = 'svg'][not(@aria-label)]")) == 0


def test_headings_skip_no_level(page: Page) -> None:
    """A screen reader's list of headings is a tree."""
    levels = [int(one.tag[1]) for one in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_hostile_texts_stay_texts(hostile_file: Path) -> None:
    """They are shown as they are, without control characters, and no link leads off the web."""
    raw = hostile_file.read_text()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", raw)
    page = read(hostile_file)
    shown = " ".join(page.text_content().split())
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert r"{{ 7 * 7 }}{% raw %}\x1b[2J\x00\u202egnp.exe" in shown
    assert page.xpath("//h1/text()") == ["<script>alert(1)<"]
    assert page.xpath("//svg[@onload]") == []
    links = [one for one in page.xpath("//a/@href") if not one.startswith("#")]
    assert all(one.startswith("https://dl.flipkart.com/") for one in links)
    assert page.xpath("//img") == []


@pytest.mark.parametrize(
    ("url", "link", "picture"),
    [
        ("https://a.example/x?y=1", "https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("HTTP://a.example/x", "HTTP://a.example/x", "https://a.example/x"),
        ("javascript:alert(1)", None, None),
        ("data:text/html,x", None, None),
        ("//a.example/x", None, None),
        ("/x", None, None),
        ("https://", None, None),
        ("https://user:word@a.example/", None, None),
        ("https://[a.example/", None, None),
        (" https://a.example/", None, None),
        ("java\nscript:alert(1)", None, None),
        ("ftp://a.example/", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_links(url: str | None, link: str | None, picture: str | None) -> None:
    """A link is http or https to a host without a user; a picture is asked for by https."""
    assert web_link(url) == link
    assert picture_link(url) == picture


@given(st.text())
def test_every_text_becomes_one_printable_line(text: str) -> None:
    """Whatever it holds, it can stand in a page and in a file."""
    shown = one_line(text)
    assert shown.isprintable()
    assert len(shown.encode()) <= 400 * 10
