"""The directory: which categories there are, and each one's signed links.

How JSON nests them is in `api_listings`. In XML each of those maps is a row of
`<entry><key/><value/></entry>`, and a version is a key of three numbers.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from feeds.api_listings import Variant, variants_by_category
from feeds.errors import PageBrokenError, UnknownCategoryError
from feeds.page_markup import parsed_or_mended
from feeds.product.xml_parser import Element, local_name
from feeds.signed_url import SignedUrl

T = TypeVar("T")

API_VERSION = "v1.1.0"

_MOST_CATEGORIES = 10_000
"""A captured directory lists 58."""


class Listing(msgspec.Struct, frozen=True):
    """One category of the directory.

    Attributes:
        category: the vendor's name for it, such as `mens_footwear`.
        product: link to the product feed.
        delta: link to the delta feed; as it is, it answers the current version.
        top: link to the top sellers; None where the category has none.
    """

    category: str
    product: SignedUrl
    delta: SignedUrl | None
    top: SignedUrl | None


def directory_path(affiliate_id: str, extension: str = "json") -> str:
    """Return the path of the directory for one tracking id."""
    return f"/affiliate/api/{affiliate_id}.{extension}"


def decode_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, Listing]:
    """Return every category of a JSON directory that has a product feed, by name.

    Raises:
        PageBrokenError: the body is no directory, or lists nothing.
    """
    try:
        found = variants_by_category(body, api_version)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise PageBrokenError(f"the directory cannot be read ({error}); try again later") from error
    return _listings(found, api_version)


def decode_xml_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, Listing]:
    """Return every category of an XML directory that has a product feed, by name.

    Raises:
        PageBrokenError: the body is no directory, or lists nothing.
    """
    root = parsed_or_mended(body)
    if local_name(root) != "ApiDirectory":
        raise PageBrokenError(f"an answer is no directory but {root.tag!r}; try again later")
    return _listings(
        (
            (key.text or "", _xml_variant(value, api_version))
            for listings in root.iter("apiListings")
            for key, value in _entries(listings)
        ),
        api_version,
    )


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


def _listings(found: Iterable[tuple[str, Variant | None]], api_version: str) -> dict[str, Listing]:
    try:
        listings = {
            name: _listing(name, variant) for name, variant in found if variant and variant.get
        }
    except ValueError as error:
        raise PageBrokenError(f"the directory cannot be read ({error}); try again later") from error
    if len(listings) > _MOST_CATEGORIES:
        message = f"the directory lists {len(listings):,} categories; try again later"
        raise PageBrokenError(message)
    if not listings:
        raise PageBrokenError(f"the directory lists no {api_version} feed; try again later")
    return listings


def _xml_variant(listing: Element, api_version: str) -> Variant | None:
    for variants in listing.iter("availableVariants"):
        for key, value in _entries(variants):
            if _xml_version(key) == api_version:
                links = (value.findtext(name) for name in ("get", "deltaGet", "top"))
                return Variant(*links)
    return None


def _xml_version(key: Element) -> str:
    parts = (key.findtext(name) for name in ("majorVersion", "minorVersion", "patchVersion"))
    return key.text.strip() if key.text and not len(key) else f"v{'.'.join(map(str, parts))}"


def _entries(element: Element) -> Iterator[tuple[Element, Element]]:
    for entry in element.iterchildren("entry"):
        key, value = entry.find("key"), entry.find("value")
        if key is not None and value is not None:
            yield key, value


def _listing(name: str, variant: Variant) -> Listing:
    return Listing(
        category=name,
        product=SignedUrl.parse(variant.get or ""),
        delta=_link(variant.delta_get),
        top=_link(variant.top),
    )


def _link(url: str | None) -> SignedUrl | None:
    return SignedUrl.parse(url) if url else None
