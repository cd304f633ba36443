"""What people write: files and settings as editors, shells, chats and spreadsheets leave them.

Windows saves text with a byte order mark, or as UTF-16 where PowerShell's `>` writes it. What is
copied from a page or a mail brings blanks, line ends, quotes and characters that nobody sees. All
that is certain is undone here; of the rest the caller is told what it is and where.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
import tomllib
import unicodedata
from itertools import islice
from pathlib import Path
from typing import Any, cast

from feeds.invisible import stripped

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LONGEST_MARK = 4

# Letters of Indian scripts are joined with these: inside a name they are right.
_JOINERS = frozenset("\u200c\u200d")
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_UNTYPED = _HIDDEN | {"Zs", "Pi", "Pf"}
_LOW_QUOTES = frozenset("\u201a\u201e\u2032\u2033")
_QUOTED = re.compile(
    r"""(?s)"(?P<a>[^"]*)"|'(?P<b>[^']*)'|`(?P<c>[^`]*)`"""
    "|[\u201c-\u201f](?P<d>[^\u201c-\u201f]*)[\u201c-\u201f]"
    "|[\u2018-\u201b](?P<e>[^\u2018-\u201b]*)[\u2018-\u201b]"
)
_LINE_OF_ERROR = re.compile(r"at line (\d+)")


class HandwrittenError(ValueError):
    """A text cannot be read; the message says where it is wrong and what to do."""


def value_of(text: str) -> str:
    """Return a value without what is invisible at its ends, and without the quotes around it.

    Quotes go only as a pair, and once.
    """
    bare = stripped(text)
    if quoted := _QUOTED.fullmatch(bare):
        return stripped(quoted[str(quoted.lastgroup)])
    return bare


def hidden_character(text: str) -> str | None:
    """Return the name of the first control or invisible character in a text; None for none."""
    hidden = (one for one in text if unicodedata.category(one) in _HIDDEN and one not in _JOINERS)
    return next(map(named_character, hidden), None)


def named_character(character: str) -> str:
    """Return the name and number of a character, such as `ZERO WIDTH SPACE (U+200B)`."""
    if character == " ":
        return "a blank"
    if character in "\r\n":
        return "a line end"
    name = unicodedata.name(character, "a control character")
    return f"{name} (U+{ord(character):04X})"


def encoding_of(start: bytes) -> str | None:
    """Return the encoding that a file's byte order mark names; None where it has no mark.

    Args:
        start: the first `LONGEST_MARK` bytes of the file.
    """
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)


def decoded(data: bytes) -> str:
    """Return the text of a file's bytes, its line ends as new lines.

    A byte order mark says which encoding it is; without one it is UTF-8.

    Raises:
        HandwrittenError: it is in another encoding.
    """
    encoding = encoding_of(data[:LONGEST_MARK])
    try:
        text = data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(error.encoding, "replace")
        raise HandwrittenError(
            f"line {_line_number(before)} holds the byte 0x{data[error.start]:02X}, which is no "
            f"{error.encoding.upper()}; save the file as UTF-8"
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        number = _line_number(text[: text.index("\0")])
        raise HandwrittenError(f"line {number} holds a zero byte; save the file as UTF-8")
    return text


def read_text(file: Path) -> str:
    """Return the text of a file.

    Raises:
        HandwrittenError: it is no text, or in another encoding than its mark says.
        OSError: it cannot be read.
    """
    return decoded(file.read_bytes())


def standard_input() -> io.BufferedReader:
    """Return standard input as bytes.

    Raises:
        HandwrittenError: it is closed.
    """
    if not isinstance(sys.stdin, io.TextIOWrapper):
        raise HandwrittenError("standard input is closed; pipe a text into the command")
    return cast("io.BufferedReader", sys.stdin.buffer)


def read_standard_input() -> str:
    """Return the text of standard input.

    Raises:
        HandwrittenError: it is closed, or no text.
    """
    data = standard_input().read()
    try:
        return decoded(data)
    except HandwrittenError as error:
        raise HandwrittenError(f"standard input: {error}") from None


def read_toml(file: Path) -> dict[str, Any]:
    """Return the table of a TOML file.

    Raises:
        HandwrittenError: it is no text or no TOML.
        OSError: it cannot be read.
    """
    text = read_text(file)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HandwrittenError(_what_is_no_toml(text, error)) from None


def _what_is_no_toml(text: str, error: Exception) -> str:
    """Return the parser's words, or the character that a word processor put where it failed."""
    found = _LINE_OF_ERROR.search(str(error))
    number = int(found[1]) if found else 0
    line = next(islice(text.split("\n"), number - 1, None), "") if number else ""
    if untyped := next(filter(_is_untyped, line), None):
        return (
            f"line {number} holds {named_character(untyped)}; type plain quotes and blanks instead"
        )
    return str(error)


def _is_untyped(character: str) -> bool:
    """Return whether a keyboard has no such character where it types quotes and blanks."""
    is_plain = character in " \t" or character in _JOINERS
    return not is_plain and (
        unicodedata.category(character) in _UNTYPED or character in _LOW_QUOTES
    )


def _line_number(before: str) -> int:
    return before.count("\n") + 1
