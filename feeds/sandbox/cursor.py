"""The last part of a next link: where in a category the next page starts.

24 hex digits as captured in 2015 and 2016, or `v1:<code>:<16 characters>` as in early 2015. A
cursor holds its place and a tag, so the server keeps none of them; it is the same on every day.
"""

import re
from hashlib import blake2b

_TAG_DIGITS = 18
_HEX = re.compile(r"[0-9a-f]{24}")
_COLON = re.compile(r"v1:([^:/]+):([0-9A-Z]{16})")
_TAG_LETTERS = 8
_PLACE_LETTERS = 8


class Cursors:
    """Makes and reads the cursors of one category."""

    def __init__(self, secret: str, code: str, *, colon: bool) -> None:
        """Make cursors of the colon form or of the hex form."""
        self._key, self._code, self._colon = secret.encode()[:64], code, colon
        self._mask = int(self._tag(0)[:6], 16)

    def write(self, place: int) -> str:
        """The cursor of a page that starts at this place."""
        if self._colon:
            return f"v1:{self._code}:{self._tag(place)[:_TAG_LETTERS].upper()}{place:08X}"
        return f"{self._tag(place)}{place ^ self._mask:06x}"

    def read(self, cursor: str) -> int | None:
        """The place that a cursor was made for, or None for any other text."""
        place = -1
        if _HEX.fullmatch(cursor):
            place = int(cursor[_TAG_DIGITS:], 16) ^ self._mask
        elif _COLON.fullmatch(cursor):
            digits = cursor[-_PLACE_LETTERS:]
            place = int(digits, 16) if re.fullmatch("[0-9A-F]+", digits) else -1
        return place if place >= 0 and self.write(place) == cursor else None

    def _tag(self, place: int) -> str:
        said = f"{self._code}|{place}".encode()
        return blake2b(said, key=self._key, digest_size=_TAG_DIGITS // 2).hexdigest()
