"""What the lake holds, in figures."""

from __future__ import annotations

from typing import Any

from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement


def read_status(folder: LakeFolder) -> dict[str, Any]:
    """Return the lake's figures: `lake`, `snapshot`, `product_count`, ..., `categories`.

    Raises:
        LakeError: there is no lake, or it cannot be read.
    """
    with open_for_reading(folder) as connection:
        result = connection.execute(statement("status/lake"))
        figures = _first(result)
        result = connection.execute("FROM category_status ORDER BY category")
        names = [column[0] for column in result.description]
        categories = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {"lake": str(folder.root), **figures, "categories": categories}


def _first(result: Any) -> dict[str, Any]:
    names = [column[0] for column in result.description]
    return dict(zip(names, result.fetchone() or (), strict=True))
