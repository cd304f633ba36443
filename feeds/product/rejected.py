"""A record that could not be taken, with why and what it was.

Reason codes are few and stable, so that they can be counted and queried:
`no_product_id`, `bad_price`, `bad_value`, `not_a_record`, and for a row of a dump that cannot be
taken apart with certainty `bad_row`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from feeds.product.values import clean_product_id

REASONS: Final = ("no_product_id", "bad_price", "bad_value", "not_a_record", "bad_row")
"""Every reason code."""

RAW_LIMIT: Final = 64 * 1024
"""Bytes of a record that are kept at most."""

_PRICE_FIELDS = re.compile(r"(?i)price|amount|charges|currency")
_ID_FIELDS = re.compile(r"product_?id", re.IGNORECASE)
_SHOWN_ID = re.compile(rb'(?:"productId"\s*:\s*"|<productId>)([^"\\<&]{1,200})(?:"|</)')
_BASE_FIELD = re.compile(r"productBaseInfo(V1)?`?$")


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """One record that stays out of `products`.

    Attributes:
        reason: the code, one of this module's docstring.
        detail: what exactly was wrong and where in the record, one line.
        product_id: the id, where the bytes show one.
        record_number: where it stood in its page, from 0.
        raw: its bytes as they came, cut at `RAW_LIMIT`.
        raw_byte_count: how long they were before the cut.
        line: where it begins in its file, from 1, the header's line included; None where the
            source has no lines.
    """

    reason: str
    detail: str
    product_id: str | None
    record_number: int
    raw: bytes
    raw_byte_count: int
    line: int | None = None

    @classmethod
    def of(cls, reason: str, detail: str, record_number: int, raw: bytes) -> RejectedRecord:
        """Look for an id, and cut the raw bytes to what is kept."""
        found = _SHOWN_ID.search(raw)
        product_id = clean_product_id(found[1].decode("utf-8", "replace")) if found else None
        return cls(reason, detail, product_id, record_number, raw[:RAW_LIMIT], len(raw))


def reason_for(message: str) -> str:
    """Return the reason code for a decoder's message, such as "... - at `$.price`"."""
    where = message.rpartition(" - at ")[2]
    if _ID_FIELDS.search(message) or _BASE_FIELD.search(where):
        return "no_product_id"
    if where == message:
        return "not_a_record"
    return "bad_price" if _PRICE_FIELDS.search(where) else "bad_value"
