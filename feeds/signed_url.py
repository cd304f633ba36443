"""Signed links: what may be changed about one, and what may not.

A link carries `expiresAt` (epoch milliseconds) and `sig`. The signature covers tracking id,
category, API version and expiry but not the rest of the path (seen in captured directories of
2016, where `get` and `deltaGet` share it), so `/fromVersion/<v>` and `&inStock=true` go in
without a new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qs, urlsplit

_LONGEST = 8_192
"""Characters of a link; captured ones have 200."""

_EXTENSION = re.compile(r"(\.json|\.xml)$")
_FILTER = re.compile(r"(?:^|&)inStock=[^&]*")
_SECRET = re.compile(r"(?i)\b(sig|token)=[^&\s'\"]*")


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """One link of the directory or of a `nextUrl`, split where it matters.

    Attributes:
        origin: scheme, host and port, such as `https://affiliate-api.flipkart.net`.
        path: everything from the first `/` to the `?`.
        query: what follows the `?`, with the signature: never printed.
    """

    origin: str
    path: str
    query: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Split a link.

        Raises:
            ValueError: it is not an absolute http or https URL, or longer than any link, or holds
                control characters.
        """
        if len(url) > _LONGEST or not url.strip().isprintable():
            raise ValueError(f"not a URL that can be asked for: {redact(url)[:200]!r}")
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an absolute http(s) URL: {redact(url)[:200]!r}")
        return cls(f"{parts.scheme}://{parts.netloc.lower()}", parts.path, parts.query)

    def __str__(self) -> str:
        """Return the link as it is asked for, signature included: for requests only."""
        return f"{self.origin}{self.path}{'?' if self.query else ''}{self.query}"

    def __repr__(self) -> str:
        """Show the link without its signature."""
        return f"SignedUrl({redact(str(self))!r})"

    @property
    def expires_at(self) -> datetime | None:
        """When the link dies, in UTC; None where it does not say."""
        values = parse_qs(self.query).get("expiresAt", [])
        try:
            return datetime.fromtimestamp(int(values[0]) / 1000, tz=UTC)
        except (IndexError, ValueError, OverflowError, OSError):
            return None

    @property
    def cursor(self) -> str:
        """The last part of the path without its extension: what a walk resumes by.

        The same cursors were seen two months apart (captured chain of 2015), while the
        signature around them changes with every answer.
        """
        return _EXTENSION.sub("", self.path.rsplit("/", 1)[-1])

    def from_version(self, version: int) -> Self:
        """Return the delta link that asks for the changes since `version`."""
        path = _EXTENSION.sub(lambda found: f"/fromVersion/{version}{found[1]}", self.path)
        return type(self)(self.origin, path, self.query)

    @property
    def is_in_stock(self) -> bool:
        """Whether the link asks only for what is in stock."""
        return bool(_FILTER.search(self.query))

    def in_stock(self) -> Self:
        """Return the link that asks only for what is in stock, under the same signature."""
        query = f"{_unfiltered(self.query)}&inStock=true".lstrip("&")
        return type(self)(self.origin, self.path, query)

    def at_path(self, path: str) -> Self:
        """Return another page of the same category under this link's signature."""
        return type(self)(self.origin, path, self.query)

    def like(self, first: SignedUrl) -> Self:
        """Return the link with its path spelled as the first link of its walk spells it.

        The upstream sometimes answers `/1.0/affiliate/...` for `/affiliate/1.0/...`, and a
        delta's `nextUrl` can lose its `1.0/` altogether, which would lead to the older API. A walk
        of what is in stock goes on as one, and no other becomes one: that would hide products.
        """
        path = self.path
        if path.startswith("/1.0/affiliate/"):
            path = "/affiliate/1.0/" + path.removeprefix("/1.0/affiliate/")
        versioned = first.path.startswith("/affiliate/1.0/")
        if versioned and path.startswith("/affiliate/") and not path.startswith("/affiliate/1.0/"):
            path = "/affiliate/1.0/" + path.removeprefix("/affiliate/")
        spelled = type(self)(self.origin, path, _unfiltered(self.query))
        return spelled.in_stock() if first.is_in_stock else spelled


def _unfiltered(query: str) -> str:
    """Return what follows the `?` without the filter; what is signed in it is not touched."""
    return _FILTER.sub("", query).lstrip("&")


def redact(text: str) -> str:
    """Return the text with every signature and token in it blotted out."""
    return _SECRET.sub(r"\1=...", text)
