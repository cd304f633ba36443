"""Signed links: what may change about one and what may not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.signed_url import SignedUrl, redact

SIGNED = "?expiresAt=1478275467864&sig=02ee3fb84ad806736814ae9787a7bbe7"
FEED = f"https://api.example/affiliate/1.0/feeds/me/category/j9e-abm-c54.json{SIGNED}"
DELTA = f"https://api.example/affiliate/1.0/deltaFeeds/me/category/j9e.json{SIGNED}"


def test_a_link_comes_back_as_it_was() -> None:
    """Splitting and joining changes no byte: a signed link must not be touched."""
    assert str(SignedUrl.parse(FEED)) == FEED


def test_expiry_is_read_in_utc() -> None:
    """`expiresAt` is epoch milliseconds."""
    expected = datetime(2016, 11, 4, 16, 4, 27, 864000, tzinfo=UTC)
    assert expected == SignedUrl.parse(FEED).expires_at


@pytest.mark.parametrize("query", ["", "?expiresAt=", "?expiresAt=soon", f"?expiresAt={'9' * 30}"])
def test_a_link_that_names_no_expiry_has_none(query: str) -> None:
    """An absent or senseless expiry is None and no error."""
    assert SignedUrl.parse(f"https://api.example/a.json{query}").expires_at is None


def test_from_version_goes_before_the_extension() -> None:
    """The signature stays as it is."""
    expected = DELTA.replace("j9e.json", "j9e/fromVersion/1376.json")
    assert expected == str(SignedUrl.parse(DELTA).from_version(1376))


@pytest.mark.parametrize(
    ("path", "cursor"),
    [
        (
            "/affiliate/1.0/feeds/me/category/reh/55ab6fc473a4773ffb8ec220.json",
            "55ab6fc473a4773ffb8ec220",
        ),
        ("/affiliate/feeds/me/category/v1:reh/v1:reh-cca-h76:WCWD.json", "v1:reh-cca-h76:WCWD"),
        ("/affiliate/1.0/feeds/me/category/reh.xml", "reh"),
    ],
)
def test_cursor_is_the_last_part_of_the_path(path: str, cursor: str) -> None:
    """Cursors of both eras, without their extension."""
    assert cursor == SignedUrl.parse(f"https://api.example{path}{SIGNED}").cursor


@pytest.mark.parametrize(
    "spelling",
    [
        "https://api.example/1.0/affiliate/deltaFeeds/me/category/j9e/x.json",
        "https://api.example/affiliate/deltaFeeds/me/category/j9e/x.json",
        "https://api.example/affiliate/1.0/deltaFeeds/me/category/j9e/x.json",
    ],
)
def test_odd_spellings_of_a_path_are_mended(spelling: str) -> None:
    """A nextUrl that lost or moved its `1.0/` stays in the API version of its walk."""
    mended = SignedUrl.parse(spelling + SIGNED).like(SignedUrl.parse(DELTA))
    assert mended.path == "/affiliate/1.0/deltaFeeds/me/category/j9e/x.json"


def test_a_walk_of_the_older_version_stays_in_it() -> None:
    """No `1.0/` is put where the walk has none."""
    first = SignedUrl.parse("https://api.example/affiliate/feeds/me/category/reh.json" + SIGNED)
    following = SignedUrl.parse("https://api.example/affiliate/feeds/me/category/reh/x.json")
    assert following.like(first) == following


def test_a_walk_of_what_is_in_stock_goes_on_as_one() -> None:
    """The filter goes in behind the signature, once, and into links that have lost it."""
    first = SignedUrl.parse(FEED).in_stock()
    assert str(first) == FEED + "&inStock=true"
    assert first.in_stock() == first
    following = SignedUrl.parse("https://api.example/affiliate/1.0/feeds/me/x/y.json" + SIGNED)
    assert following.like(first) == following.in_stock()
    assert following.in_stock().like(first) == following.in_stock()


def test_no_other_walk_becomes_one() -> None:
    """A nextUrl that was filtered unasked would hide products."""
    first = SignedUrl.parse(FEED)
    assert first.in_stock().like(first) == first
    assert SignedUrl.parse("https://h/x?inStock=true&sig=1").like(first).query == "sig=1"


@pytest.mark.parametrize("text", ["", "null", "ftp://host/x", "relative", "http:///x", "https://"])
def test_what_is_no_link_is_refused(text: str) -> None:
    """Only absolute http and https links are links."""
    with pytest.raises(ValueError, match="not an absolute"):
        SignedUrl.parse(text)


def test_no_signature_is_shown() -> None:
    """Neither the representation nor a redacted text holds it."""
    assert "02ee3fb8" not in repr(SignedUrl.parse(FEED))
    assert redact(f"asked for {FEED}") == (
        "asked for https://api.example/affiliate/1.0/feeds/me/category/j9e-abm-c54.json"
        "?expiresAt=1478275467864&sig=..."
    )


def test_the_captured_chain_of_2015(captures: Path) -> None:
    """68 pages of one walk: one host, every cursor once, each link signed anew."""
    text = (captures / "v0.1.0" / "v010_nextUrl_chain_2015-10.txt").read_text(encoding="utf-8")
    links = [SignedUrl.parse(found) for found in re.findall(r"https://\S+", text)]
    first, *following = links
    assert len(following) == 68
    assert {link.origin for link in links} == {"https://affiliate-api.flipkart.net"}
    assert len({link.cursor for link in links}) == len(links)
    assert len({link.query for link in links}) == len(links)
    assert [link.like(first) for link in following] == following
    assert all(link.expires_at is not None for link in links)
    assert [str(link) for link in links] == re.findall(r"https://\S+", text)


@pytest.mark.parametrize(
    ("home", "link", "is_home"),
    [
        (home, link, is_home)
        for home, links in {
            "https://api.example": {
                "https://api.example:443/a": True,
                "https://api.example:/a": True,
                "https://API.example./a": True,
                "//api.example/a": True,
                "//api.example:443/a": True,
                "/a": True,
                "http://api.example/a": True,
                "http://api.example:80/a": True,
                "http://api.example:443/a": True,
                "http://api.example:8080/a": False,
                "https://api.example:8443/a": False,
                "https://api.example.org/a": False,
                "https://api.example@other.example/a": False,
                "https://me@api.example/a": False,
            },
            "https://api.example:8443": {
                "https://api.example:8443/a": True,
                "http://api.example:8443/a": True,
                "http://api.example/a": True,
                "https://api.example/a": False,
                "http://api.example:443/a": False,
            },
            "http://127.0.0.1:80": {
                "http://127.0.0.1/a": True,
                "http://127.0.0.1:/a": True,
                "//127.0.0.1:80/a": True,
                "https://127.0.0.1/a": False,
                "https://127.0.0.1:80/a": False,
            },
            "https://[::1]:8443": {
                "https://[::1]:8443/a": True,
                "http://[::1]/a": True,
                "https://[::1]/a": False,
            },
        }.items()
        for link, is_home in links.items()
    ],
)
def test_spellings_of_one_origin(home: str, link: str, is_home: bool) -> None:  # noqa: FBT001 - a table
    """Default ports, capitals, relative links; http for https is asked for as https."""
    origin = SignedUrl.parse(home).origin
    found = SignedUrl.parse(link + SIGNED).at_home(origin)
    assert (found.origin == origin) is is_home
    if is_home:
        assert str(found) == f"{origin}/a{SIGNED}"


def test_a_query_alone_belongs_to_its_page() -> None:
    """It is a link only where the page is known that it was found in."""
    base = SignedUrl.parse(FEED)
    assert str(SignedUrl.parse("?x=1", base)) == f"{base.origin}{base.path}?x=1"
    assert SignedUrl.parse("/b?x=1", base) == SignedUrl("", "/b", "x=1")


def test_an_ampersand_that_was_escaped_too_often_is_one() -> None:
    """Otherwise the signature would have another name."""
    assert str(SignedUrl.parse(FEED.replace("&", "&amp;"))) == FEED
    assert str(SignedUrl.parse(FEED.replace("&", "&amp;amp;"))) == FEED


@pytest.mark.parametrize(
    "link", ["https://h\\@e/", "/a\\b", "https://h/\tx", "//h/\u200bx", "\\\\h\\a"]
)
def test_what_parsers_read_differently_is_refused(link: str) -> None:
    """Backslashes, tabs and what nobody sees."""
    with pytest.raises(ValueError, match="not a URL that can be asked for"):
        SignedUrl.parse(link)
