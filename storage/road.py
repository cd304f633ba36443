"""The values of a product as every road to it can spell them.

A dump joins its lists, so a member that holds the separator comes apart there; a map has no order;
XML holds no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable

_JOINED_BY = {
    "offers": ";",
    "key_specs": ";",
    "detailed_specs": ";",
    "product_family": ",",
    "size_variants": ",",
    "color_variants": ",",
}
_TEXTS = {"title", "description"}
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_LIFESTYLE = (
    "[lifestyle.sleeve, lifestyle.neck, "
    r"regexp_replace(array_to_string(lifestyle.ideal_for, ','), '\s*,\s*', ',', 'g')]"
)


def spelled(columns: Iterable[str]) -> str:
    """Return the columns of a road's view, `product_id` left out."""
    return ",\n    ".join(f'{_spelled(one)} AS "{one}"' for one in columns if one != "product_id")


def differing(columns: Iterable[str]) -> str:
    """Return the names of those that differ between a road and a dump, as a list's members."""
    return ",\n    ".join(_differing(one) for one in columns if one != "product_id")


def _spelled(column: str) -> str:
    if column in _JOINED_BY:
        return f"array_to_string(\"{column}\", '{_JOINED_BY[column]}')"
    if column in _TEXTS:
        return f"regexp_replace(\"{column}\", '{_CONTROLS}', '', 'g')"
    if column == "image_urls":
        return "list_sort(image_urls)"
    return _LIFESTYLE if column == "lifestyle" else f'"{column}"'


def _differing(column: str) -> str:
    differs = f'here."{column}" IS DISTINCT FROM there."{column}"'
    # U+FFFD stands for bytes of the dump that are no text.
    lost = f"contains(there.\"{column}\"::VARCHAR, '\ufffd')"
    return f"CASE WHEN {differs} AND NOT coalesce({lost}, false) THEN '{column}' END"
