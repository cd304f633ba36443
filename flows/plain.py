"""What the upstream calls things, made fit for a terminal.

A name, a title or an error can hold escape sequences, line ends, letters that turn the text around
and, for rich, markup. In the lake they stay as they came.
"""

from __future__ import annotations

from rich.text import Text

_LONGEST = 500


def plain(text: str, longest: int = _LONGEST) -> str:
    r"""Return the text in one line of printable characters, others as escapes such as `\x1b`.

    Args:
        text: whatever came from elsewhere.
        longest: characters that are kept; the rest becomes three dots.
    """
    return printable(text if len(text) <= longest else text[: longest - 3] + "...")


def one_line(error: object) -> str:
    """Return what an error says, its line ends become blanks."""
    return " ".join(str(error).split())


def printable(text: str, kept: str = "") -> str:
    """Return the whole text, characters that are not printable as escapes, but for those kept."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in kept else ascii(one)[1:-1] for one in text)


def cell(text: str | None) -> Text:
    """Return the same for a cell of a table: what looks like markup is text."""
    return Text(plain(text or ""))
