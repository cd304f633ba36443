"""JSON values as the vendor's XML.

A map is a row of `<entry><key/><value/></entry>`, a list repeats its element, null is an absent
element, and the elements of specifications come empty (vendor's reference). In captured answers of
2016 the root has a namespace prefix, the children of an element are in alphabetical order (but for
`productBaseInfo`), and an inner list is a row of `<item>`. Characters that XML cannot hold are
dropped.
"""

from dataclasses import dataclass
from typing import Any, Literal

XmlLayout = Literal["captured", "reference"]
"""How elements are laid out: as in captured answers, or as in the vendor's reference, whose root
has no prefix and whose children stand in an order of their own."""

_MAPS = {"imageUrls", "apiGroups", "apiListings", "availableVariants"}
_EMPTY = {"specificationList"}
_UNSORTED = {"productBaseInfo"}
_VERSION_PARTS = ("majorVersion", "minorVersion", "patchVersion")
_WRITTEN: dict[int, str | None] = dict.fromkeys(
    [*(code for code in range(32) if code not in (9, 10)), 0xFFFE, 0xFFFF]
)
_WRITTEN |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NAMESPACE = "http://www.flipkart.com/affiliate"


@dataclass(frozen=True, slots=True)
class Markup:
    """Writes values as XML in one layout."""

    layout: XmlLayout = "captured"

    def document(self, root: str, value: dict[str, Any]) -> bytes:
        """Return a whole document with one root."""
        return self.around(root, self._members(root, value)).encode()

    def around(self, root: str, content: str) -> str:
        """Return a whole document whose root holds this content."""
        if self.layout == "reference":
            return f"{_DECLARATION}<{root}>{content}</{root}>"
        return f'{_DECLARATION}<ns2:{root} xmlns:ns2="{_NAMESPACE}">{content}</ns2:{root}>'

    def element(self, name: str, value: Any) -> str:
        """Return one value as elements of this name: none for null, several for a list."""
        if value is None:
            return ""
        if isinstance(value, list):
            if name in _EMPTY:
                return f"<{name}/>" * len(value)
            return "".join(self._member(name, one) for one in value)
        content = self._content(name, value)
        if isinstance(value, dict) and not content:
            return f"<{name}/>"
        return f"<{name}>{content}</{name}>"

    def _member(self, name: str, value: Any) -> str:
        if isinstance(value, list) and self.layout == "captured":
            return f"<{name}>{self.element('item', value)}</{name}>"
        return self.element(name, value)

    def _members(self, name: str, value: dict[str, Any]) -> str:
        is_sorted = self.layout == "captured" and name not in _UNSORTED
        names = sorted(value) if is_sorted else value
        return "".join(self.element(name, value[name]) for name in names)

    def _content(self, name: str, value: Any) -> str:
        if isinstance(value, dict):
            if name in _MAPS:
                return "".join(self._entry(name, key, one) for key, one in value.items())
            return self._members(name, value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value).translate(_WRITTEN)

    def _entry(self, name: str, key: str, value: Any) -> str:
        written = _version(key) if name == "availableVariants" else self._content("key", key)
        return f"<entry><key>{written}</key>{self.element('value', value)}</entry>"


def _version(text: str) -> str:
    numbers = text.removeprefix("v").split(".")
    return "".join(
        f"<{part}>{number}</{part}>" for part, number in zip(_VERSION_PARTS, numbers, strict=True)
    )
