r"""JSON answers as text: bringing them into plain form, and mending what is almost JSON.

An answer is read as it came first. Only one that no parser takes is mended here, and only where
there is one reading:

* A control character inside a text stands for itself, and so does a backslash that begins no
  escape. The escapes `\'` and `\x41` have one meaning in every language that knows them.
* `NaN` and `Infinity` say that there is no number: JavaScript itself writes them as null.
* JSON's numbers are decimal: `01`, `+1`, `.5` and `1.` are 1, 1, 0.5 and 1.0.
* A comma behind the last member of a list or map, and a comment, say nothing.

A quote inside a text that was not escaped has more than one reading and is left alone.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_MOST_BYTES = 8 * 1024**2
"""A longer answer is not looked into; the longest captured page has 3 MB."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_GOOD_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_GOOD_WORD = (
    r"(?:true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?=[ \t\r\n,\]}])"
)
# Each of these takes whatever begins like it to its end, so that no text is read through twice.
_TOKEN = re.compile(
    rf"""{_GOOD_STRING}|{_GOOD_WORD}
    |(?P<string>{_STRING})
    |(?P<comment>/\*[^"]*?(?:\*/|(?="|\Z))|//[^"\n]*+)
    |(?P<comma>,)(?=[ \t\r\n]*+[\]}}])
    |(?P<blank>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u2000-\u200b\u2028\u2029\u202f\u3000\ufeff]++)
    |(?P<word>[^\s"{{}}\[\]:,/\x00-\x1f\x7f-\xa0\u2000-\u200b\u202f\u3000\ufeff]++)""",
    re.DOTALL | re.VERBOSE,
)
_BRACKET = re.compile(_STRING.encode() + rb"|[{}\[\]]", re.DOTALL)
_MEMBER = re.compile(rf"\s*[{{,]\s*({_STRING})\s*:\s*", re.DOTALL)
_values = json.JSONDecoder(parse_int=str, parse_float=str)
_ESCAPE = re.compile(
    r"""(?P<good>\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))"""
    r"""|\\x(?P<code>[0-9a-fA-F]{2})|\\(?P<quote>')|(?P<odd>[\\\x00-\x1f])"""
)
_NUMBER = re.compile(r"([+-]?)(?=\.?[0-9])0*+([0-9]*+)(\.[0-9]*+)?+([eE][+-]?[0-9]++)?+")
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)|undefined|none|null", re.IGNORECASE)
_FLAG = re.compile(r"true|false", re.IGNORECASE)

_LONE_SURROGATE = re.compile(
    r"(?i)((?<!\\)(?:\\\\)*)(?:\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|"
    r"(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2})"
)
_MAYBE_SURROGATE = re.compile(r"\\u[dD]")
_ZERO = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_MAYBE_ZERO = re.compile(rb"\\u0000")
_GUARD = re.compile(rb"\s*\)\]\}'?,?")
"""What some serialisers put before JSON so that no browser runs it."""


def read(body: bytes, decode: Callable[[bytes], T]) -> T:
    """Decode an answer that is JSON, or almost.

    Args:
        body: the answer.
        decode: raises `msgspec.DecodeError` where it is given no JSON.

    Raises:
        msgspec.DecodeError: it is neither, or not what the decoder expects.
        RecursionError: it is nested too deep.
    """
    try:
        return decode(without_zeros(body))
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decode(without_zeros(mended(as_utf8(body))[0]))


def without_zeros(body: bytes) -> bytes:
    """Replace the character zero: the lake's catalogue would end a text there, and fail."""
    # A pattern finds that there is none in half the time that `in` takes.
    return _ZERO.sub(rb"\1\\ufffd", body) if _MAYBE_ZERO.search(body) else body


def as_utf8(body: bytes) -> bytes:
    """Return an answer in UTF-8, without byte order mark and without what guards it from browsers.

    UTF-16 and UTF-32 are told by their mark, or by the zeros around the first character.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    encoding = json.detect_encoding(body)
    if encoding != "utf-8":
        body = body.decode(encoding, "replace").encode()
    guard = _GUARD.match(body)
    return body[guard.end() :] if guard else body


def mended(body: bytes) -> tuple[bytes, int]:
    """Return an answer in UTF-8 with everything mended that has one reading, and how often.

    Bytes that are not UTF-8, and halves of a surrogate pair, become U+FFFD.

    Raises:
        msgspec.DecodeError: it is too long for that.
    """
    _check_length(body)
    text = body.decode("utf-8", "replace")
    count = text.count("\ufffd") - body.count("\ufffd".encode())
    halves = 0
    if _MAYBE_SURROGATE.search(text):
        text, halves = _LONE_SURROGATE.subn(r"\1\\ufffd", text)
    pieces: list[str] = []
    kept = 0
    for token in _TOKEN.finditer(text):
        if token.lastgroup is None:
            continue
        instead, repairs = _MENDERS[token.lastgroup](token)
        if repairs:
            count += repairs
            pieces += (text[kept : token.start()], instead)
            kept = token.end()
    return "".join([*pieces, text[kept:]]).encode(), count + halves


def members(body: bytes) -> list[tuple[str, bytes]]:
    """Return the members of a JSON object as they stand, those of the same name too.

    Raises:
        msgspec.DecodeError: it is too long for that.
    """
    _check_length(body)
    text, end = body.decode(), 0
    found: list[tuple[str, bytes]] = []
    while member := _MEMBER.match(text, end):
        _, end = _values.raw_decode(text, member.end())
        found.append((json.loads(member[1]), text[member.end() : end].encode()))
    return found


def first_end(body: bytes) -> int | None:
    """Return where the list or map at the start of a text ends; None where it does not."""
    depth = 0
    for mark in _BRACKET.finditer(body):
        depth += (mark[0] in {b"{", b"["}) - (mark[0] in {b"}", b"]"})
        if depth == 0:
            return mark.end()
    return None


def _check_length(body: bytes) -> None:
    if len(body) > _MOST_BYTES:
        raise msgspec.DecodeError(f"it is over {_MOST_BYTES // 1024**2} MiB long")


def _string(token: re.Match[str]) -> tuple[str, int]:
    count = 0

    def possible(found: re.Match[str]) -> str:
        nonlocal count
        if found["good"]:
            return found[0]
        count += 1
        if found["quote"]:
            return "'"
        return _escaped(int(found["code"], 16) if found["code"] else ord(found["odd"]))

    return _ESCAPE.sub(possible, token[0]), count


def _escaped(code: int) -> str:
    # The character zero is replaced here too; see `without_zeros`.
    return f"\\u{code or 0xFFFD:04x}"


def _comment(token: re.Match[str]) -> tuple[str, int]:
    """Drop a comment; one that a quote stands in, or that does not end, may be none."""
    if token[0].startswith("/*"):
        is_whole = token[0].endswith("*/")
    else:
        is_whole = not token.string.startswith('"', token.end())
    return (" ", 1) if is_whole else (token[0], 0)


def _comma(token: re.Match[str]) -> tuple[str, int]:
    """Drop a comma behind the last member; a comma behind none may stand for a lost one."""
    before = token.start() - 1
    while before >= 0 and token.string[before].isspace():
        before -= 1
    is_behind_none = before < 0 or token.string[before] in "[{,:"
    return (token[0], 0) if is_behind_none else ("", 1)


def _blank(_: re.Match[str]) -> tuple[str, int]:
    return " ", 1


def _word(token: re.Match[str]) -> tuple[str, int]:
    word = token[0]
    if _NO_NUMBER.fullmatch(word):
        instead = "null"
    elif _FLAG.fullmatch(word):
        instead = word.lower()
    else:
        instead = _number(word)
    return instead, int(instead != word)


def _number(word: str) -> str:
    parts = _NUMBER.fullmatch(word)
    if parts is None:
        return word
    sign, whole, fraction, exponent = parts.groups(default="")
    # `0*` took the zeros, a single one too.
    fraction = f"{fraction}0" if fraction == "." else fraction
    return f"{sign.removeprefix('+')}{whole or '0'}{fraction}{exponent}"


_MENDERS: Final[dict[str, Callable[[re.Match[Any]], tuple[str, int]]]] = {
    "string": _string,
    "comment": _comment,
    "comma": _comma,
    "blank": _blank,
    "word": _word,
}
