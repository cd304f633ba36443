"""JSON values as the vendor's XML, by the rules of its reference.

A map is a row of `<entry><key/><value/></entry>`, a list repeats its element, null is an absent
element, and the elements of specifications come empty. Characters that XML cannot hold are dropped.
"""

from typing import Any

_MAPS = {"imageUrls", "apiGroups", "apiListings", "availableVariants"}
_EMPTY = {"specificationList"}
_VERSION_PARTS = ("majorVersion", "minorVersion", "patchVersion")
_WRITTEN: dict[int, str | None] = dict.fromkeys(
    [*(code for code in range(32) if code not in (9, 10)), 0xFFFE, 0xFFFF]
)
_WRITTEN |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def document(root: str, value: dict[str, Any]) -> bytes:
    """A whole document with one root."""
    return DECLARATION + element(root, value).encode()


def element(name: str, value: Any) -> str:
    """One value as elements of this name: none for null, several for a list."""
    if value is None:
        return ""
    if isinstance(value, list):
        if name in _EMPTY:
            return f"<{name}/>" * len(value)
        return "".join(element(name, one) for one in value)
    return f"<{name}>{_content(name, value)}</{name}>"


def _content(name: str, value: Any) -> str:
    if isinstance(value, dict):
        if name in _MAPS:
            return "".join(_entry(name, key, one) for key, one in value.items())
        return "".join(element(key, one) for key, one in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).translate(_WRITTEN)


def _entry(name: str, key: str, value: Any) -> str:
    written = _version(key) if name == "availableVariants" else _content("key", key)
    return f"<entry><key>{written}</key>{element('value', value)}</entry>"


def _version(text: str) -> str:
    numbers = text.removeprefix("v").split(".")
    return "".join(
        f"<{part}>{number}</{part}>" for part, number in zip(_VERSION_PARTS, numbers, strict=True)
    )
