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
from urllib.parse import SplitResult, parse_qs, urlsplit

_LONGEST = 8_192
"""Characters of a link; captured ones have 200."""

_EXTENSION = re.compile(r"(\.json|\.xml)$")
_FILTER = re.compile(r"(?:^|&)inStock=[^&]*")
_PORTS = {"http": 80, "https": 443}
_PORT = re.compile(r":[0-9]+$")
_AMPERSAND = re.compile(r"&(?:amp;)+")
_SECRET = re.compile(r"(?i)\b(sig|token)=[^&\s'\"]*")


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """One link of the directory or of a `nextUrl`, split where it matters.

    Attributes:
        origin: scheme, host and port, such as `https://affiliate-api.flipkart.net`, in small
            letters, without the scheme's own port and without a dot at the host's end. Empty for a
            link that begins with its path, and without the scheme for one that begins with `//`.
        path: everything from the first `/` to the `?`.
        query: what follows the `?`, with the signature: never printed.
    """

    origin: str
    path: str
    query: str

    @classmethod
    def parse(cls, url: str, base: SignedUrl | None = None) -> Self:
        """Split a link.

        Args:
            url: the link: `https://...` or `http://...`, `//host/...`, or a path from `/` on.
            base: where it was found; then it may also be a query from `?` on.

        Raises:
            ValueError: it is no such link, or longer than any link, or holds backslashes or
                characters that nobody sees.
        """
        bare = url.strip()
        if len(url) > _LONGEST or not bare.isprintable() or "\\" in bare:
            raise ValueError(f"not a URL that can be asked for: {redact(url)[:200]!r}")
        # Behind a signed URL stands no entity: a server escaped the link once more than it should.
        parts = urlsplit(_AMPERSAND.sub("&", bare))
        if base and bare.startswith("?"):
            return cls(base.origin, base.path, parts.query)
        is_known = parts.scheme in _PORTS or bare.startswith("//")
        if bare.startswith("/") and not is_known:
            return cls("", parts.path, parts.query)
        if not is_known or not parts.hostname or not parts.netloc.isascii():
            raise ValueError(f"not an absolute http(s) URL: {redact(url)[:200]!r}")
        return cls(_origin(parts), parts.path, parts.query)

    def at_home(self, home: str) -> Self:
        """Return the link as one of `home`, where it is one in another spelling.

        A relative link is; and so is http where `home` is https on the same host, with the same
        port or none: behind a proxy servers know neither. It is asked for as `home` then, never in
        the clear. https is no spelling of a `home` that is http.

        Args:
            home: an origin, as in the attribute.
        """
        scheme, _, host = home.partition("://")
        bare = _PORT.sub("", host)
        spelled = f"{host}:{_PORTS[scheme]}" if host == bare else host
        spellings = {"", home, f"//{host}", f"//{spelled}"}
        if scheme == "https":
            spellings |= {f"http://{bare}", f"http://{spelled}"}
        return type(self)(home, self.path, self.query) if self.origin in spellings else self

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


def _origin(parts: SplitResult) -> str:
    user, has_user, _ = parts.netloc.rpartition("@")
    host = (parts.hostname or "").removesuffix(".")
    host = f"[{host}]" if ":" in host else host
    own = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    return f"{scheme}//{user}{has_user}{host}{'' if own else f':{parts.port}'}"


def _unfiltered(query: str) -> str:
    """Return what follows the `?` without the filter; what is signed in it is not touched."""
    return _FILTER.sub("", query).lstrip("&")


def redact(text: str) -> str:
    """Return the text with every signature and token in it blotted out."""
    return _SECRET.sub(r"\1=...", text)
