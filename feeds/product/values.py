"""Single values in one form, whichever format they came in: ids, currencies, flags and numbers.

JSON spells a number `999.0` or `" 999.0 "`, XML and CSV only as text. What is taken is the same in
all of them, and only what has one meaning:

- An id has no invisible characters at its ends, see `feeds.invisible`, and none and no quote
  inside; it has 1 to 200 characters. An id that JSON spells as a whole number is its digits.
- A currency is in capitals.
- A flag is true or false, in any case.
- A number is one of JSON's; `1,299` is none, which is 1299 to some and 1.299 to others.
- A flag or number of which nothing is left, or that says `null`, is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import msgspec

from feeds.invisible import INVISIBLE, stripped
from feeds.product.record import Amount, Count

T = TypeVar("T")

LONGEST_ID: Final = 200
ID_PATTERN: Final = rf'[^"{INVISIBLE}]{{1,{LONGEST_ID}}}'
"""A product id in its one form, for Python and Polars alike."""

_is_id = re.compile(ID_PATTERN).fullmatch
_SHOWN = 60


def clean_product_id(product_id: str | int) -> str | None:
    """Return the id in its one form; None for what is no id."""
    text = str(product_id)
    if _is_id(text) or _is_id(text := stripped(text)):
        return text
    return None


@lru_cache(maxsize=64)
def clean_currency(currency: str | None) -> str | None:
    """Return the currency in capitals, where it is ASCII; None for none."""
    text = stripped(currency or "")
    return (text.upper() if text.isascii() else text) or None


def plain_value(text: str) -> str:
    """Return the text of a flag or a number as JSON spells it; empty where it says nothing."""
    plain = stripped(text).lower()
    return "" if plain == "null" else plain


class Kind(Generic[T]):
    """One kind of value: how it is read from a text.

    Attributes:
        wire_type: what JSON must hold, in the terms of msgspec.
        noun: what a message calls it.
    """

    def __init__(self, wire_type: Any, noun: str) -> None:
        """Take what JSON must hold, and its name."""
        self.wire_type = wire_type
        self.noun = noun
        self._decode: Callable[[str], T] = msgspec.json.Decoder(wire_type).decode

    def read(self, value: T | str | None, where: str) -> T | None:
        """Return a value that may be spelled as a text.

        Raises:
            msgspec.ValidationError: it is none of this kind; the message names `where`.
        """
        if not isinstance(value, str):
            return value
        text = plain_value(value)
        try:
            return self._decode(text) if text else None
        except msgspec.DecodeError:
            shown = ascii(value[:_SHOWN])
            raise msgspec.ValidationError(
                f"Expected {self.noun}, got {shown} - at `$.{where}`"
            ) from None


AMOUNT: Final = Kind[float](Amount, "an amount")
COUNT: Final = Kind[float](Count, "a count")
NUMBER: Final = Kind[float](float, "a number")
FLAG: Final = Kind[bool](bool, "true or false")
