"""The directory: which categories there are, and each one's signed links.

How JSON nests them is in `api_listings`. In XML each of those maps is a row of
`<entry><key/><value/></entry>`, and a version is a key of three numbers.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from feeds.api_listings import Entry, Variant, by_category, json_entries
from feeds.errors import PageBrokenError, UnknownCategoryError
from feeds.page_markup import parsed_or_mended
from feeds.product.xml_parser import Element, local_name
from feeds.signed_url import SignedUrl

T = TypeVar("T")

API_VERSION = "v1.1.0"


@dataclass(frozen=True, slots=True)
class Listing:
    """One category of the directory.

    A link that is none raises `BrokenEntryError` where it is asked for, so that it fails the feeds
    that need it and no others.

    Attributes:
        entry: what the directory says of it.
    """

    entry: Entry

    @property
    def category(self) -> str:
        """The vendor's name for it, such as `mens_footwear`."""
        return self.entry.category

    @property
    def product(self) -> SignedUrl:
        """Link to the product feed."""
        return self.entry.get

    @property
    def delta(self) -> SignedUrl | None:
        """Link to the delta feed; as it is, it answers the current version."""
        return self.entry.link("delta_get")

    @property
    def top(self) -> SignedUrl | None:
        """Link to the top sellers; None where the category has none."""
        return self.entry.link("top")

    @property
    def has_top(self) -> bool:
        """Whether there is something in the place of that link, right or wrong."""
        return bool(self.entry.links.top)


def directory_path(affiliate_id: str, extension: str = "json") -> str:
    """Return the path of the directory for one tracking id."""
    return f"/affiliate/api/{affiliate_id}.{extension}"


def decode_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, Listing]:
    """Return every category of a JSON directory that has a product feed, by name.

    Raises:
        PageBrokenError: the body is no directory, or lists nothing.
    """
    try:
        entries = by_category(json_entries(body, api_version), f"{api_version} feed")
    except (msgspec.DecodeError, RecursionError) as error:
        raise PageBrokenError(f"the directory cannot be read ({error}); try again later") from error
    return {name: Listing(entry) for name, entry in entries.items()}


def decode_xml_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, Listing]:
    """Return every category of an XML directory that has a product feed, by name.

    Raises:
        PageBrokenError: the body is no directory, or lists nothing.
    """
    root = parsed_or_mended(body)
    if local_name(root) != "ApiDirectory":
        raise PageBrokenError(f"an answer is no directory but {root.tag!r}; try again later")
    found = (
        entry
        for listings in root.iter("apiListings")
        for key, value in _entries(listings)
        if (entry := _xml_entry(_name(key), value, api_version))
    )
    entries = by_category(found, f"{api_version} feed")
    return {name: Listing(entry) for name, entry in entries.items()}


def choose(listings: Mapping[str, T], names: Iterable[str]) -> list[T]:
    """Return the named categories in the directory's order; all of them for no name.

    Raises:
        UnknownCategoryError: a name that is not listed.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in listings:
            raise UnknownCategoryError(name, difflib.get_close_matches(name, listings, n=3))
    return [one for name, one in listings.items() if not wanted or name in wanted]


def _xml_entry(name: str, listing: Element | None, api_version: str) -> Entry | None:
    variants = None if listing is None else listing.find("availableVariants")
    if not name or variants is None:
        return Entry(name, fault="it is empty" if name else "it has no name")
    for key, value in _entries(variants):
        if _xml_version(key) == api_version:
            if value is None:
                return Entry(name, fault="it is empty")
            return Entry(name, Variant(*map(value.findtext, ("get", "deltaGet", "top"))))
    return None


def _name(key: Element | None) -> str:
    return "" if key is None else (key.text or "").strip()


def _xml_version(key: Element | None) -> str:
    if key is None or not len(key):
        return _name(key)
    parts = (key.findtext(name) for name in ("majorVersion", "minorVersion", "patchVersion"))
    return f"v{'.'.join(str(part).strip() for part in parts)}"


def _entries(element: Element) -> Iterator[tuple[Element | None, Element | None]]:
    for entry in element.iterchildren("entry"):
        yield entry.find("key"), entry.find("value")
