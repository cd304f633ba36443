"""The XML parser as answers are given to it: nothing outside of an answer is ever asked."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no other name for the type

SAFE: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
"""Options: no entity resolved, no document type loaded, no network, no detected encoding that
could hide either, and the parser's own limits on depth and length."""


def strict_parser() -> etree.XMLParser:
    """Return a parser that recovers from nothing, and leaves comments and instructions out."""
    return etree.XMLParser(remove_comments=True, remove_pis=True, **SAFE)


def local_name(element: Element) -> str:
    """Return an element's name without namespace or prefix."""
    return element.tag.rpartition("}")[2].rpartition(":")[2]
