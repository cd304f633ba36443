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
    kept = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in kept)


def cell(text: str | None) -> Text:
    """Return the same for a cell of a table: what looks like markup is text."""
    return Text(plain(text or ""))
