"""Searching the mirror by words, without the network."""

from __future__ import annotations

from typing import Any

from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement


def search_local(folder: LakeFolder, words: str, limit: int) -> list[dict[str, Any]]:
    """Return the available products that have every word, best first.

    Returns:
        Objects with product_id, title, brand, mrp, selling_price, special_price, in_stock and
        product_url.

    Raises:
        LakeError: there is no lake, or it cannot be read.
    """
    with open_for_reading(folder) as connection:
        result = connection.execute(statement("search/local"), {"words": words, "most": limit})
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
