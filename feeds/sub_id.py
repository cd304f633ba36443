"""Sub-ids filled in from a product's row, such as `{category}-{product_id}`.

A value goes in as text, and every run of characters that a sub-id cannot hold becomes one `-`,
with none at the value's ends: `Men's Shoes` is `Men-s-Shoes`. A value that is missing, or has
nothing left, is `none`. Nothing is cut: two products must not end up with one sub-id because
their ends were lost, so a sub-id that comes out too long is an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from string import Formatter
from typing import Self

from feeds.link import LinkError, checked, is_sub_id, shown

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
_MISSING = "none"


class SubIdTemplate:
    """Text with fields in braces, for one of a link's sub-ids.

    Attributes:
        name: the parameter it is for, `affExtParam1` or `affExtParam2`.
        fields: the names in its braces.
    """

    def __init__(self, name: str, pieces: list[tuple[str, str | None]]) -> None:
        """Use `parse`."""
        self.name = name
        self.fields = frozenset(field for _, field in pieces if field is not None)
        self._pieces = pieces

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """Read a template.

        Args:
            name: the parameter it is for.
            text: letters, digits, dots, dashes, underscores and fields in braces.

        Raises:
            LinkError: it cannot be read, or holds text that no sub-id can.
        """
        try:
            parsed = list(Formatter().parse(text))
        except ValueError:
            raise _malformed(name, text) from None
        if not parsed or any(
            (literal and not is_sub_id(literal)) or spec or conversion
            for literal, _, spec, conversion in parsed
        ):
            raise _malformed(name, text)
        return cls(name, [(literal, field) for literal, field, _, _ in parsed])

    def check(self, known: Collection[str]) -> None:
        """See that every field is one of the known.

        Raises:
            LinkError: one is not; the message names those that are.
        """
        if unknown := sorted(self.fields.difference(known)):
            raise LinkError(
                f"{self.name} has no field {shown(unknown[0])}; use {', '.join(sorted(known))}"
            )

    def fill(self, row: Mapping[str, object]) -> str:
        """Return the sub-id of a row; a field that the row lacks is missing.

        Raises:
            LinkError: it is too long.
        """
        filled = (
            literal + ("" if field is None else _fit(row.get(field)))
            for literal, field in self._pieces
        )
        return checked(self.name, "".join(filled))


def _fit(value: object) -> str:
    text = "" if value is None else str(value)
    return _UNFIT.sub("-", text).strip("-") or _MISSING


def _malformed(name: str, text: str) -> LinkError:
    return LinkError(
        f"{name} {shown(text)} is no template; use letters, digits, dots, dashes, underscores "
        "and fields such as {product_id}"
    )
