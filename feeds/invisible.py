"""Characters that a reader does not see, and taking them from the ends of a text.

They come with text that was copied or printed: blanks and line ends around a value, a zero-width
space at the end of a link, a byte order mark before an id. No id, link, name of a currency, token
or number begins or ends with one, so that taking them away there is always right. Inside of a
text they can mean something, and only who reads the text knows.
"""

from __future__ import annotations

import re
from typing import Final

INVISIBLE: Final = (
    "\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What stands between the brackets of a regular expression's class for them, for Python, Polars
and DuckDB alike: control characters, and Unicode's `White_Space` and
`Default_Ignorable_Code_Point`."""

_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]").fullmatch


def stripped(text: str) -> str:
    """Return the text without invisible characters at its ends."""
    if text.isascii() and text[:1].isalnum() and text[-1:].isalnum():
        return text  # as most are, told at small cost
    start, end = 0, len(text)
    while start < end and _IS_INVISIBLE(text[start]):
        start += 1
    while end > start and _IS_INVISIBLE(text[end - 1]):
        end -= 1
    return text[start:end]
