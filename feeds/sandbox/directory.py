"""The directory: every category with its signed links, in the shape captured in 2016 and 2017."""

from collections.abc import Iterable

from feeds.sandbox.catalogue import Category, Record
from feeds.sandbox.chance import mix
from feeds.sandbox.form import VERSIONS, Form, Format
from feeds.sandbox.link import Links

_SPREAD_MILLISECONDS = 16


def directory(categories: Iterable[Category], links: Links, written: Format) -> Record:
    """The directory of these categories, with links to answers in the same format."""
    listings = {
        category.name: {
            "availableVariants": {
                api: _variant(category, links, Form(api, written)) for api in VERSIONS
            },
            "apiName": category.name,
        }
        for category in categories
    }
    return {
        "apiGroups": {"affiliate": {"name": "affiliate", "apiListings": listings}},
        "title": "Sandbox Affiliate API Directory",
        "description": "Every category of the sandbox, with links to its feeds.",
    }


def late(name: str, what: int = 0) -> int:
    """By how many milliseconds an entry's expiry differs from that of the first one."""
    base = mix(*name.encode()) % _SPREAD_MILLISECONDS
    return base + (mix(base, what) % 5 == 0)


def _variant(category: Category, links: Links, form: Form) -> Record:
    def link(room: str, what: int) -> str:
        expires_at = links.signer.expiry(late(category.name, what))
        return links.first(room, category.code, form, expires_at)

    return {
        "resourceName": category.name,
        "put": None,
        "delete": None,
        "post": None,
        "get": link("feeds", 1),
        "deltaGet": link("deltaFeeds", 2),
        "top": link("topFeeds", 3) if form.api == "v1.1.0" else None,
    }
