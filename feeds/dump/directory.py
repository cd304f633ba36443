"""The dump directory: which categories can be had as one zipped CSV, and where.

It has the shape of the feeds' directory; only `get` is filled, and it leads to
`.../feeds/rawfiles/<code>` (captured listing of 2017). A link answers with a zip, or redirects to
one (vendor's own description of the listing).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from feeds.api_listings import Entry, by_category, json_entries
from feeds.directory import API_VERSION
from feeds.errors import PageBrokenError
from feeds.signed_url import SignedUrl


@dataclass(frozen=True, slots=True)
class DumpListing:
    """One category of the dump directory.

    A link that is none raises `BrokenEntryError` where it is asked for.

    Attributes:
        entry: what the directory says of it.
    """

    entry: Entry

    @property
    def category(self) -> str:
        """The vendor's name for it, such as `mens_footwear`."""
        return self.entry.category

    @property
    def url(self) -> SignedUrl:
        """Link to the zip; lives 10 hours like every signed link."""
        return self.entry.get

    @property
    def code(self) -> str:
        """The vendor's code for it, such as `osp-cil`; the CSV in the zip is named after it."""
        return self.url.cursor


def dump_directory_path(affiliate_id: str) -> str:
    """Return the path of the dump directory for one tracking id."""
    return f"/affiliate/download/feeds/{affiliate_id}.json"


def decode_dump_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, DumpListing]:
    """Return every category that has a dump of this API version, by name.

    Raises:
        PageBrokenError: the body is no such directory, or lists nothing.
    """
    try:
        entries = by_category(json_entries(body, api_version), f"{api_version} dump")
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"the dump directory cannot be read ({error}); try again later"
        raise PageBrokenError(message) from error
    return {name: DumpListing(entry) for name, entry in entries.items()}
