"""A product's link in the one form in which it is stored: nobody's link.

Whoever asks the vendor gets links with an `affid`, and links that went through pages, mails and
other programs carry somebody's `affid` and sub-ids in other spellings. All of them are taken out:

- in capitals, percent-encoded once or several times, the separators and the `=` as well;
- behind `&amp;` and other spellings of `&` in HTML and JSON, which become `&`; `;` separates too;
- in the fragment, and in a link inside the link;
- glued to the `pid` or to the path without a separator: a product id holds letters and digits.

Which parameters say who earns: `affid`, and every `affExtParam` with a number (the vendor's
reference has two). Others, such as `cmpid` and `utm_source`, are nobody's id for certain. All
other parameters keep their order and their bytes.

A short link hides whose it is: the shop resolves it to whoever made it, and another `affid` on it
changes nothing. So a short link is no link to a product, and none is stored.

The lake's macro `clean_product_url` follows the same rules in SQL.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from feeds.invisible import stripped

SHORT_HOSTS: Final = (
    "amzn.in",
    "amzn.to",
    "bit.ly",
    "bitli.in",
    "clnk.in",
    "cutt.ly",
    "earnkaro.com",
    "ekaro.in",
    "extp.in",
    "fkrt.cc",
    "fkrt.co",
    "fkrt.it",
    "fkrt.site",
    "fktr.in",
    "inr.deals",
    "linkredirect.in",
    "tinyurl.com",
)
"""Hosts of short and share links, their subdomains included. To add one, write it here and in
`is_short_link` in `sql/macros/clean_product_url.sql`; a test holds the two together."""

USUAL: Final = (
    r"https?://(?:dl|www)\.flipkart\.com/(?:dl/)?[A-Za-z0-9_-]{2,}/p/[A-Za-z0-9_-]+"
    r"\?pid=[A-Za-z0-9]+(?:&[b-zB-Z][A-Za-z0-9_]*=[A-Za-z0-9_.-]*)*"
)
"""What nearly every link looks like that is in its one form, as a regular expression for Python
and Polars alike. All 19,958 different captured links match it once their `affid` is cut off."""

_usual = re.compile(rf"({USUAL})(?:&affid=[A-Za-z0-9]+)?").fullmatch

_AND = re.compile(r"(?i:&|\\u0026)(?i:amp;|#0*38;|#x0*26;)*")
_IS = re.compile(r"(?i:&#0*61;|&#x0*3d;|\\u003d)")
_parts = re.compile(r"[^?#]+|\?[^#]*|#.*", re.DOTALL).findall
_SEPARATOR = re.compile(
    r"((?i:(?:&|%(?:25)*26)(?:amp(?:;|%(?:25)*3b))*|[;?#]|%(?:25)*(?:3b|3f|23)))"
)
_opens = re.compile(r"(?i:%(?:25)*(?:3f|23))").fullmatch
_OPENED = re.compile(r"(?i:(%(?:25)*(?:3f|23))(?:%(?:25)*26(?:amp(?:;|%(?:25)*3b))*|%(?:25)*3b)+)")
_EQUALS = re.compile(r"(?i:=|%(?:25)*3d)")
_is_tracking = re.compile(
    r"[\x00-\x20+]*(?ai:affid|affextparam[0-9]*)(?:\[[^\]]*\])*[\x00-\x20+]*"
).fullmatch
_GLUED = re.compile(
    r"^((?ai:pid(?:=|%(?:25)*3d))[A-Za-z0-9]*?|[A-Za-z]+://.*?)[^A-Za-z0-9/]*"
    r"(?ai:affid|affextparam[0-9]*)(?i:=|%(?:25)*3d).*",
    re.DOTALL,
)
_BEHIND_PID = re.compile(r"((?:^|[&;])(?ai:pid)=[A-Za-z0-9]+)(?i:%(?:25)*(?:26|3b|3f|23))+[&;]*")
_FIRST_SIGNS = re.compile(r"^[?#]?[&;]*")
_LAST_SIGNS = re.compile(r"(?i:[&;?#]|%(?:25)*(?:3f|23))+\Z")
_MOST_ENCODED = 3
_address = re.compile(
    r"(?:[Hh][Tt][Tt][Pp][Ss]?://)?([A-Za-z0-9.-]+?)\.?(?::[0-9]*)?([/?#].*)?", re.DOTALL
).fullmatch
_is_short_host = re.compile(
    rf"(?:[a-z0-9-]+\.)*(?:{'|'.join(map(re.escape, SHORT_HOSTS))})"
).fullmatch
_is_shop_host = re.compile(r"(?:(?:dl|www)\.)?flipkart\.com").fullmatch
_is_short_path = re.compile(r"/+(?:[Dd][Ll]/+)?[Ss]/.*", re.DOTALL).fullmatch


def clean_product_url(url: str) -> str | None:
    """Return the link as it is stored: without anybody's ids, and without blanks at its ends.

    Returns:
        None for a short link, and where nothing is left.
    """
    if usual := _usual(url):
        return usual[1]
    plain = without_ids(with_plain_signs(url))
    return None if is_short_link(plain) else stripped(plain) or None


def with_plain_signs(url: str) -> str:
    """Return the link with nothing invisible at its ends, and `&` and `=` spelled as themselves."""
    return _IS.sub("=", _AND.sub("&", stripped(url)))


def without_ids(url: str) -> str:
    """Return a link with plain signs without anybody's `affid` and sub-ids."""
    return "".join(map(_part, _parts(url)))


def is_short_link(url: str) -> bool:
    """Return whether it is a short or share link, with its `https://` or without."""
    address = _address(url)
    if address is None:
        return False
    host, path = address[1].lower(), address[2] or ""
    return bool(_is_short_host(host) or (_is_shop_host(host) and _is_short_path(path)))


def tracking_ids(url: str) -> dict[str, str]:
    """Return the ids in a link with plain signs, by their parameters' names in small letters.

    Of an id that stands there twice, the first that is not empty.
    """
    ids: dict[str, str] = {}
    for piece in _SEPARATOR.split(url)[::2]:
        name, _, value = _EQUALS.sub("=", piece, count=1).partition("=")
        if value and _is_tracking(decoded := _decoded(name)):
            ids.setdefault(decoded.strip(" +").lower(), _decoded(value.replace("+", " ")))
    return ids


def _part(part: str) -> str:
    """Return a path, a query or a fragment without the ids in it."""
    first, *others = _SEPARATOR.split(part)
    pieces = zip(["", *others[::2]], [first, *others[1::2]], strict=True)
    kept = "".join(_kept(separator, piece) for separator, piece in pieces)
    if kept == part:
        return part
    kept = _OPENED.sub(r"\1", kept)
    if part[0] not in "?#":
        return kept
    kept = _BEHIND_PID.sub(r"\1&", _FIRST_SIGNS.sub("", kept))
    kept = _LAST_SIGNS.sub("", kept)
    return part[0] + kept if kept else ""


def _kept(separator: str, piece: str) -> str:
    """Return what stays of a piece and of the separator before it."""
    if not _is_tracking(_decoded(_EQUALS.split(piece, maxsplit=1)[0])):
        return separator + _GLUED.sub(r"\1", piece)
    return separator if _opens(separator) else ""


def _decoded(name: str) -> str:
    """Return a name that was percent-encoded up to three times; empty where it is no text."""
    for _ in range(_MOST_ENCODED):
        try:
            name = unquote(name, errors="strict")
        except UnicodeDecodeError:
            return ""
    return name
