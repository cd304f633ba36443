"""What the two directories have in common: the links of each category, in one API version.

In JSON the feeds' directory and that of the dumps nest them alike, as
`apiGroups.affiliate.apiListings.<category>.availableVariants.<version>` (vendor's reference; a
captured listing of 2017 has the same shape). An entry that cannot be used is an error when its
category is asked for, and no error of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Literal

import msgspec

from feeds.errors import BrokenEntryError, PageBrokenError
from feeds.json_text import as_utf8, first_end, mended, read, without_zeros
from feeds.signed_url import SignedUrl

_MOST_CATEGORIES = 10_000
"""A captured directory lists 58."""


class Variant(msgspec.Struct, rename="camel"):
    """The links of one category in one API version; the dumps' directory fills only `get`."""

    get: str | None = None
    delta_get: str | None = None
    top: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A category of a directory.

    Attributes:
        category: the vendor's name for it, such as `mens_footwear`.
        links: its links as they came.
        fault: why it cannot be used; empty where it can, as far as its links do.
    """

    category: str
    links: Variant = field(default_factory=Variant)
    fault: str = ""

    @property
    def get(self) -> SignedUrl:
        """The link to the feed or the dump.

        Raises:
            BrokenEntryError: there is none, or it is no link.
        """
        if link := self.link("get"):
            return link
        raise BrokenEntryError(self.category, "it has no link")

    def link(self, name: Literal["get", "delta_get", "top"]) -> SignedUrl | None:
        """Return a link; None where the category has none of that name.

        Raises:
            BrokenEntryError: it is no link, or the entry cannot be used.
        """
        if self.fault:
            raise BrokenEntryError(self.category, self.fault)
        text: str | None = getattr(self.links, name)
        try:
            return SignedUrl.parse(text) if text else None
        except ValueError as error:
            raise BrokenEntryError(self.category, str(error)) from error

    @property
    def is_usable(self) -> bool:
        """Whether it leads to a feed or a dump."""
        try:
            return bool(self.get)
        except BrokenEntryError:
            return False


class _Listing(msgspec.Struct, rename="camel"):
    available_variants: dict[str, msgspec.Raw]


class _Group(msgspec.Struct, rename="camel"):
    api_listings: dict[str, msgspec.Raw] | None = None


class _Directory(msgspec.Struct, rename="camel"):
    api_groups: dict[str, msgspec.Raw]


_ENTRY = re.compile(
    rb'[{,]\s*"((?:[^"\\{}]|"(?!\s*[:,}\]])){1,200})"\s*:\s*'
    rb'(?=\{\s*"(?:availableVariants|apiName)"\s*:)'
)
"""Where an entry begins. Its name may hold a quote that was not escaped. Its length is bounded: a
body of nothing but quotes and commas would else take hours."""

_LONGEST_CUT = 1024**2
"""Bytes of a directory that is cut; a captured one has 60,000."""

_directory = msgspec.json.Decoder(_Directory)
_group = msgspec.json.Decoder(_Group | None)
_listing = msgspec.json.Decoder(_Listing)
_variant = msgspec.json.Decoder(Variant)


def json_entries(body: bytes, api_version: str) -> list[Entry]:
    """Return each category of a JSON directory that is listed in the API version.

    A group that is null lists nothing; one that is no group is an entry that cannot be used.

    Raises:
        msgspec.DecodeError: the body is no directory.
        RecursionError: it is nested too deep to be one.
    """
    try:
        return read(body, lambda text: _first(_entries(text, api_version)))
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if entries := _first(_cut_entries(as_utf8(body), api_version)):
            return entries
        raise


def by_category(entries: Iterable[Entry], listed: str) -> dict[str, Entry]:
    """Return the entries of a directory by category.

    Args:
        entries: what it lists.
        listed: what it should list, such as `v1.1.0 feed`.

    Raises:
        PageBrokenError: it lists too many categories, or none that can be used.
    """
    first = _first(entries)
    if len(first) > _MOST_CATEGORIES:
        message = f"the directory lists over {_MOST_CATEGORIES:,} categories; try again later"
        raise PageBrokenError(message)
    if not any(entry.is_usable for entry in first):
        raise PageBrokenError(f"the directory lists no {listed}; try again later")
    return {entry.category: entry for entry in first}


def _first(entries: Iterable[Entry]) -> list[Entry]:
    return list(islice(entries, _MOST_CATEGORIES + 1))


def _entries(body: bytes, api_version: str) -> Iterator[Entry]:
    for name, raw in _directory.decode(body).api_groups.items():
        try:
            group = _group.decode(raw)
        except msgspec.ValidationError as error:
            yield Entry(name, fault=str(error))
            continue
        listings = (group and group.api_listings) or {}
        for category, listing in listings.items():
            if entry := _entry(category, listing, api_version):
                yield entry


def _entry(category: str, listing: msgspec.Raw, api_version: str) -> Entry | None:
    try:
        variant = _listing.decode(listing).available_variants.get(api_version)
        return Entry(category, _variant.decode(variant)) if variant is not None else None
    except msgspec.ValidationError as error:
        return Entry(category, fault=str(error))


def _cut_entries(body: bytes, api_version: str) -> Iterator[Entry]:
    """Read each entry of a directory that is no JSON by itself; none where it was cut off."""
    if len(body) > _LONGEST_CUT or body.count(b"{") != body.count(b"}"):
        return
    starts = list(_ENTRY.finditer(body))
    for start, following in zip_longest(starts, starts[1:]):
        end = following.start() if following else len(body)
        category = start[1].decode("utf-8", "replace")
        if '"' in category:
            yield Entry(category, fault="its name holds a quote")
            continue
        piece = body[start.end() : end]
        try:
            text, _ = mended(piece[: first_end(piece)])
            listing = msgspec.json.decode(without_zeros(text), type=msgspec.Raw)
            msgspec.json.decode(listing)  # a raw value is not looked into
        except (msgspec.DecodeError, RecursionError) as error:
            yield Entry(category, fault=f"it is no JSON ({error})")
            continue
        if entry := _entry(category, listing, api_version):
            yield entry
