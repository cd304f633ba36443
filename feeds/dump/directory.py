"""The dump directory: which categories can be had as one zipped CSV, and where.

It has the shape of the feeds' directory; only `get` is filled, and it leads to
`.../feeds/rawfiles/<code>` (captured listing of 2017). A link answers with a zip, or redirects to
one (vendor's own description of the listing).
"""

from __future__ import annotations

import msgspec

from feeds.api_listings import variants_by_category
from feeds.directory import API_VERSION
from feeds.errors import PageBrokenError
from feeds.signed_url import SignedUrl


class DumpListing(msgspec.Struct, frozen=True):
    """One category of the dump directory.

    Attributes:
        category: the vendor's name for it, such as `mens_footwear`.
        code: the vendor's code for it, such as `osp-cil`; the CSV in the zip is named after it.
        url: link to the zip; lives 10 hours like every signed link.
    """

    category: str
    code: str
    url: SignedUrl


def dump_directory_path(affiliate_id: str) -> str:
    """Return the path of the dump directory for one tracking id."""
    return f"/affiliate/download/feeds/{affiliate_id}.json"


def decode_dump_directory(body: bytes, api_version: str = API_VERSION) -> dict[str, DumpListing]:
    """Return every category that has a dump of this API version, by name.

    Raises:
        PageBrokenError: the body is no such directory, or lists nothing.
    """
    try:
        listings = {
            name: _listing(name, variant.get)
            for name, variant in variants_by_category(body, api_version)
            if variant and variant.get
        }
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        message = f"the dump directory cannot be read ({error}); try again later"
        raise PageBrokenError(message) from error
    if not listings:
        raise PageBrokenError(f"the dump directory lists no {api_version} dump; try again later")
    return listings


def _listing(name: str, link: str) -> DumpListing:
    url = SignedUrl.parse(link)
    return DumpListing(category=name, code=url.cursor, url=url)
