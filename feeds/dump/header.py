"""The header of a dump: which column is where, of which API version.

Columns go by name, never by position; unknown ones are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from feeds.errors import RequestRefusedError
from feeds.product.v0_csv import CARRIED_BY_V0_DUMP, V0_COLUMNS
from feeds.product.v1_csv import CARRIED_BY_V1_DUMP, V1_COLUMNS

_LIFESTYLE = {"sleeve", "neck", "ideal_for"}
_MOST_COLUMNS = 200

MOST_BYTES = 64 * 1024
"""A longer line is no header."""


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one dump.

    Attributes:
        text: the line itself, without its end.
        api_version: `v1.1.0` or `v0.1.0`.
        width: how many columns there are, unknown ones included.
        places: field of `feeds.dump.columns` to the column's place, from 0.
        names: the same fields to the column's name in the dump.
        carried: the product columns that this dump says something about.
        line_end: bytes that end a row.
    """

    text: str
    api_version: str
    width: int
    places: Mapping[str, int]
    names: Mapping[str, str]
    carried: tuple[str, ...]
    line_end: bytes

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read the first line of a dump.

        Raises:
            RequestRefusedError: it is not the header of a dump.
        """
        text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
        titles = _titles(text)
        is_older = "price" in titles and "sellingPrice" not in titles
        known = V0_COLUMNS if is_older else V1_COLUMNS
        names = {known[title]: title for title in reversed(titles) if title in known}
        is_known = "product_id" in names and len(names) > 1
        if not is_known or len(titles) > _MOST_COLUMNS or len(line) >= MOST_BYTES:
            raise RequestRefusedError(
                f"a dump begins with {text[:60]!r}, not with the names of its columns; "
                "mirror the category by its product feed instead"
            )
        carried = CARRIED_BY_V0_DUMP if is_older else CARRIED_BY_V1_DUMP
        return cls(
            text=text,
            api_version="v0.1.0" if is_older else "v1.1.0",
            width=len(titles),
            places={field: titles.index(title) for field, title in names.items()},
            names=names,
            carried=tuple(name for name in carried if _is_said(name, names)),
            line_end=b"\r\n" if line.endswith(b"\r\n") else b"\n",
        )


def _titles(text: str) -> list[str]:
    try:
        return [title.strip() for title in next(csv.reader([text]), [])]
    except csv.Error:
        return []


def _is_said(column: str, names: Mapping[str, str]) -> bool:
    return bool(_LIFESTYLE & names.keys()) if column == "lifestyle" else column in names
