"""XML answers as markup: bringing them into plain form, and mending what is not well-formed.

No entity is resolved, no document type accepted, no other file or host asked: an answer that
declares a document type is refused before any parser sees it.

The vendor's own XML samples are not well-formed: ampersands stand bare and tags do not match.
`mended` repairs what is wrong between tags and says how often. No tag is repaired: where one ought
to be is never certain. A parser that recovers by itself is of no use here: it drops parts of texts
without a word.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from feeds.errors import PageBrokenError
from feeds.product.xml_parser import SAFE, Element, strict_parser

_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SPECIAL = re.compile(rb"<(?:!--|!\[CDATA\[|\?[A-Za-z_])")
_FIRST = re.compile(rb"<[!?A-Za-z_]")
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
        body: it, as UTF-8 without declaration.
        is_well_formed: whether a strict parser takes it.
        is_plain: whether there are neither comments nor instructions in it.
    """

    body: bytes
    is_well_formed: bool
    is_plain: bool


def read_markup(body: bytes) -> Markup:
    """Return an answer as markup, having tried it on a parser that builds no tree.

    Raises:
        PageBrokenError: it declares a document type.
    """
    body = _as_utf8(body)
    _refuse_document_type(body)
    probe = _probe(body)
    return Markup(body, is_well_formed=probe is not None, is_plain=bool(probe and probe.is_plain))


@dataclass(frozen=True, slots=True)
class Special:
    """A comment, an instruction or CDATA.

    Attributes:
        start: where it begins.
        end: where what follows it begins.
        text: the markup that says the same; empty but for CDATA.
    """

    start: int
    end: int
    text: bytes


def specials(body: bytes) -> Iterator[Special]:
    """Yield what is no element and no text; one that does not end is a text."""
    position = 0
    unclosed: set[bytes] = set()
    for found in _SPECIAL.finditer(body):
        closing = _ENDS.get(found[0], b"?>")
        if found.start() < position or closing in unclosed:
            continue
        end = body.find(closing, found.end())
        if end < 0:
            unclosed.add(closing)
            continue
        text = body[found.end() : end] if found[0] == b"<![CDATA[" else b""
        position = end + len(closing)
        yield Special(found.start(), position, escape(text.decode("latin-1")).encode("latin-1"))


def parsed(body: bytes) -> Element:
    """Return the root of an answer, without comments and instructions.

    Raises:
        PageBrokenError: it is not well-formed.
    """
    try:
        return etree.fromstring(body, strict_parser())
    except etree.XMLSyntaxError as error:
        raise PageBrokenError(f"an answer is no XML ({error}); try again later") from error


def parsed_or_mended(body: bytes) -> Element:
    """Return the root of an answer whose tags match, mended between them where it must be.

    Raises:
        PageBrokenError: it is no XML.
    """
    markup = read_markup(body)
    return parsed(markup.body if markup.is_well_formed else mended(markup.body)[0])


def mended(body: bytes) -> tuple[bytes, int]:
    """Return an answer repaired between its tags, without comments and CDATA, and how often.

    A bare ampersand, `<` or `]]>` is taken for itself, bytes that are not UTF-8 become U+FFFD, and
    characters that XML cannot hold are dropped, each of them one repair. Bare ampersands are what
    the vendor writes, so they are tried alone first.
    """
    body, count = _BARE_AMPERSAND.subn(b"&amp;", _plain(body))
    if _probe(body):
        return body, count
    text = body.decode("utf-8", "replace")
    count += text.count("\ufffd") - body.count("\ufffd".encode())
    for pattern, instead in ((_NO_CHARACTER, ""), (_BARE_ANGLE, "&lt;"), (_NO_CDATA_END, "]]&gt;")):
        text, repaired = pattern.subn(instead, text)
        count += repaired
    references = text.count("&#")
    text = _REFERENCE.sub(_possible, text)
    return text.encode(), count + references - text.count("&#")


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


def _probe(body: bytes) -> _Probe | None:
    """Return what a strict parser that builds no tree has noted; None where it refuses."""
    probe = _Probe()
    try:
        etree.fromstring(body, etree.XMLParser(target=probe, **SAFE))  # type: ignore[arg-type]  # fewer methods do
    except etree.XMLSyntaxError:
        return None
    return probe


def _refuse_document_type(body: bytes) -> None:
    """Look at what stands before the root: only there can a document type be declared."""
    first = _FIRST.search(body)
    if first and first[0] in {b"<!", b"<?"}:
        first = _FIRST.search(_plain(body))
    if first and first[0] == b"<!":
        raise PageBrokenError("an answer declares a document type, as none does; try again later")


def _plain(body: bytes) -> bytes:
    """Leave comments and instructions out, and write CDATA as text."""
    pieces: list[bytes] = []
    position = 0
    for one in specials(body):
        pieces += [body[position : one.start], one.text]
        position = one.end
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


def _possible(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    possible = number <= _LAST_CHARACTER and not _NO_CHARACTER.match(chr(number))
    return found[0] if possible else ""
