"""The ways an account can be answered: two API versions, each in two formats.

A product is the same product whichever way it came; a dialect says how to read the way, and which
columns it carries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from feeds import page, page_xml
from feeds.directory import Listing, decode_directory, decode_xml_directory
from feeds.page import Page
from feeds.product import source, v0_json, v0_xml, v1_json, v1_xml


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API version in one format.

    Attributes:
        name: what `record_source` says of its records, such as `v1.1.0 json`.
        api_version: the directory's key for it, such as `v1.1.0`.
        extension: `json` or `xml`: what its links' paths end with.
        carried: the columns that its records overwrite. A mixed page's frame says of each record
            by `record_source` where it is from; see `feeds.product.source.CARRIED_BY`.
        decode_directory: reads the directory's listings of this version, by category.
        decode_page: reads a page of a feed, a delta or top sellers.
        decode_version: reads a category's current version from its delta feed.
    """

    name: str
    api_version: str
    extension: str
    carried: tuple[str, ...]
    decode_directory: Callable[[bytes], dict[str, Listing]]
    decode_page: Callable[[bytes], Page]
    decode_version: Callable[[bytes], int]


def _json(name: str, decode_records: page.DecodeRecords) -> Dialect:
    api_version, extension = name.split()
    return Dialect(
        name=name,
        api_version=api_version,
        extension=extension,
        carried=source.CARRIED_BY[name],
        decode_directory=partial(decode_directory, api_version=api_version),
        decode_page=partial(page.decode_page, decode_records=decode_records),
        decode_version=page.decode_version,
    )


def _xml(name: str, decode_records: page_xml.DecodeRecords) -> Dialect:
    api_version, extension = name.split()
    return Dialect(
        name=name,
        api_version=api_version,
        extension=extension,
        carried=source.CARRIED_BY[name],
        decode_directory=partial(decode_xml_directory, api_version=api_version),
        decode_page=partial(page_xml.decode_page, decode_records=decode_records),
        decode_version=page_xml.decode_version,
    )


DIALECTS: Final = {
    (one.api_version, one.extension): one
    for one in (
        _json(source.V1_JSON, v1_json.decode_records),
        _xml(source.V1_XML, v1_xml.decode_records),
        _json(source.V0_JSON, v0_json.decode_records),
        _xml(source.V0_XML, v0_xml.decode_records),
    )
}
"""Every dialect by API version and extension, such as `("v1.1.0", "json")`."""

V1_JSON: Final = DIALECTS["v1.1.0", "json"]
"""What is spoken where nothing else is said."""
