"""What the two JSON directories have in common: variants of a listing, by category.

The feeds' directory and that of the dumps nest them alike, as
`apiGroups.affiliate.apiListings.<category>.availableVariants.<version>` (vendor's reference; a
captured listing of 2017 has the same shape).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from feeds.json_text import without_zeros


class Variant(msgspec.Struct, rename="camel"):
    """The links of one category in one API version; the dumps' directory fills only `get`."""

    get: str | None = None
    delta_get: str | None = None
    top: str | None = None


class _Api(msgspec.Struct, rename="camel"):
    available_variants: dict[str, Variant]


class _Group(msgspec.Struct, rename="camel"):
    api_listings: dict[str, _Api]


class _Directory(msgspec.Struct, rename="camel"):
    api_groups: dict[str, _Group]


_decoder = msgspec.json.Decoder(_Directory)


def variants_by_category(body: bytes, api_version: str) -> Iterator[tuple[str, Variant | None]]:
    """Return each category with its links of the API version; None where it has none.

    Raises:
        msgspec.DecodeError: the body is no directory.
        UnicodeDecodeError: a text in it is not UTF-8.
        RecursionError: it is nested too deep to be one.
    """
    groups = _decoder.decode(without_zeros(body)).api_groups.values()
    return (
        (name, api.available_variants.get(api_version))
        for group in groups
        for name, api in group.api_listings.items()
    )
