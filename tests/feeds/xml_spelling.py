"""JSON records spelled in XML by the rules of the vendor's reference, for tests.

Children are in alphabetical order and inner lists in items, as in captured answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

MAPS = {"imageUrls"}
VALID_TILL = "2016-11-04T21:34:27.864+05:30"
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element(name: str, value: Any) -> str:
    """Return a value as elements: none for null, one after the other for a list."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(
            f"<{name}>{element('item', one)}</{name}>"
            if isinstance(one, list)
            else element(name, one)
            for one in value
        )
    return f"<{name}>{content(name, value)}</{name}>"


def content(name: str, value: Any) -> str:
    """Return what stands inside an element; the elements of specifications come empty."""
    if name == "specificationList":
        return ""
    if isinstance(value, dict):
        if name in MAPS:
            return "".join(
                f"<entry>{element('key', key)}{element('value', one)}</entry>"
                for key, one in value.items()
            )
        # The one element whose children are captured in another order.
        names = value if name == "productBaseInfo" else sorted(value)
        return "".join(element(key, value[key]) for key in names)
    if isinstance(value, bool):
        return str(value).lower()
    text = NOT_IN_XML.sub("", str(value))
    return escape(text, {"\r": "&#13;"})


def record(value: dict[str, Any], name: str = "productInfoList") -> bytes:
    """Return a record's element."""
    return element(name, value).encode()


def page(
    records: Iterable[bytes] = (), *, root: str = "ProductFeedV1", **envelope: str | None
) -> bytes:
    """Return a whole page; its envelope has a `validTill`, and what is asked for."""
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    head = _envelope({"validTill": VALID_TILL} | envelope)
    return f"{declaration}<{root}>{head}".encode() + b"".join(records) + f"</{root}>".encode()


def captured_page(
    records: Iterable[bytes] = (), *, root: str = "ProductFeedV1", **envelope: str | None
) -> bytes:
    """Return the same page as captured answers lay it out: a prefix, a wrapper, and the order."""
    elements = {"validTill": VALID_TILL} | envelope
    before = {name: elements[name] for name in sorted(elements) if name < "products"}
    after = {name: elements[name] for name in sorted(elements) if name > "products"}
    start = f'<ns2:{root} xmlns:ns2="http://www.flipkart.com/affiliate">{_envelope(before)}'
    end = f"</products>{_envelope(after)}</ns2:{root}>"
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{declaration}{start}<products>".encode() + b"".join(records) + end.encode()


def _envelope(elements: Mapping[str, str | None]) -> str:
    return "".join(element(name, value) for name, value in elements.items())
