"""XML answers as markup: bringing them into plain form, and mending what is not well-formed.

No entity is resolved, no document type accepted, no other file or host asked: an answer that
declares a document type is refused before any parser sees it.

The vendor's own XML samples are not well-formed: ampersands stand bare and tags do not match.
`mended` repairs what is wrong between tags and says how often; `page_tags` repairs the tags. A
parser that recovers by itself is of no use here: it drops parts of texts without a word.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from feeds.errors import PageBrokenError
from feeds.product.xml_parser import SAFE, Element

_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SPECIAL = re.compile(rb"<(?:!--|!\[CDATA\[|![A-Za-z]|\?[A-Za-z_])")
_FIRST = re.compile(rb"<[!A-Za-z_]")
_ENDS: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}

_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_BARE_ANGLE = re.compile(r"<(?!/?+[A-Za-z_][\w.:-]*+(?:\s[^<>]*+|/)?>)")
_NO_CDATA_END = re.compile(r"\]\]>")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_NO_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Markup:
    """An answer as markup.

    Attributes:
        body: it, as UTF-8 without declaration, comments and instructions.
        is_well_formed: whether a strict parser takes it.
    """

    body: bytes
    is_well_formed: bool


def read_markup(body: bytes) -> Markup:
    """Return an answer as plain markup, having tried it on a parser that builds no tree.

    Raises:
        PageBrokenError: it declares a document type, or ends inside a comment or CDATA.
    """
    body = _as_utf8(body)
    first = _FIRST.search(body)
    if first and first[0] == b"<!":
        body = _plain(body)  # only before the root can a document type be declared
    probe = _Probe()
    try:
        etree.fromstring(body, etree.XMLParser(target=probe, **SAFE))  # type: ignore[arg-type]  # fewer methods do
    except etree.XMLSyntaxError:
        return Markup(_plain(body), is_well_formed=False)
    return Markup(body if probe.is_plain else _plain(body), is_well_formed=True)


def parsed(body: bytes) -> Element:
    """Return the root of an answer in plain form.

    Raises:
        PageBrokenError: it is not well-formed.
    """
    try:
        return etree.fromstring(body, etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise PageBrokenError(f"an answer is no XML ({error}); try again later") from error


def parsed_or_mended(body: bytes) -> Element:
    """Return the root of an answer whose tags match, mended between them where it must be.

    Raises:
        PageBrokenError: it is no XML.
    """
    markup = read_markup(body)
    return parsed(markup.body if markup.is_well_formed else mended(markup.body)[0].body)


def mended(body: bytes) -> tuple[Markup, int]:
    """Return an answer in plain form repaired between its tags, and how often.

    A bare ampersand, `<` or `]]>` is taken for itself, bytes that are not UTF-8 become U+FFFD, and
    characters that XML cannot hold are dropped, each of them one repair. Bare ampersands are what
    the vendor writes, so they are tried alone first.
    """
    body, count = _BARE_AMPERSAND.subn(b"&amp;", body)
    markup = read_markup(body)
    if markup.is_well_formed:
        return markup, count
    text = body.decode("utf-8", "replace")
    count += text.count("\ufffd") - body.count("\ufffd".encode())
    for pattern, instead in ((_NO_CHARACTER, ""), (_BARE_ANGLE, "&lt;"), (_NO_CDATA_END, "]]&gt;")):
        text, repaired = pattern.subn(instead, text)
        count += repaired
    references = text.count("&#")
    text = _REFERENCE.sub(_possible, text)
    return read_markup(text.encode()), count + references - text.count("&#")


class _Probe:
    """A parser's target that keeps nothing, and notes what is to be taken out."""

    def __init__(self) -> None:
        self.is_plain = True

    def comment(self, _: str) -> None:
        self.is_plain = False

    def pi(self, *_: str) -> None:
        self.is_plain = False

    def close(self) -> None:
        """End the document."""


def _plain(body: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    while found := _SPECIAL.search(body, position):
        pieces.append(body[position : found.start()])
        kept, position = _special(body, found)
        pieces.append(kept)
    return b"".join([*pieces, body[position:]])


def _as_utf8(body: bytes) -> bytes:
    if body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        body = body.decode("utf-16", "replace").encode()
    body = body.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(body)
    if declaration is None:
        return body
    encoding = _ENCODING.search(declaration[0])
    body = body[declaration.end() :]
    if encoding is None or encoding[1].lower() in {b"utf-8", b"utf-16", b"us-ascii"}:
        return body
    try:
        return body.decode(encoding[1].decode(), "replace").encode()
    except LookupError as error:
        raise PageBrokenError(f"an answer is in an {error}; try again later") from error


def _special(body: bytes, found: re.Match[bytes]) -> tuple[bytes, int]:
    """Return what stands for a comment, an instruction or CDATA, and where it ends."""
    if found[0][:2] == b"<!" and found[0] not in _ENDS:
        raise PageBrokenError("an answer declares a document type, as none does; try again later")
    closing = _ENDS.get(found[0], b"?>")
    end = body.find(closing, found.end())
    if end < 0:
        raise PageBrokenError("an answer ends in the middle; try again later")
    if found[0] != b"<![CDATA[":
        return b"", end + len(closing)
    text = body[found.end() : end].replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    return text.replace(b">", b"&gt;"), end + len(closing)


def _possible(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    possible = number <= _LAST_CHARACTER and not _NO_CHARACTER.match(chr(number))
    return found[0] if possible else ""
