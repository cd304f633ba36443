"""The directory: every category with its signed links, in the shape captured in 2016 and 2017."""

from collections.abc import Iterable, Mapping

from feeds.sandbox.catalogue import Category, Record
from feeds.sandbox.chance import mix
from feeds.sandbox.form import VERSIONS, Form, Format
from feeds.sandbox.link import Links

_SPREAD_MILLISECONDS = 16


def directory(categories: Iterable[Category], links: Links, written: Format) -> Record:
    """The directory of these categories, with links to answers in the same format."""
    expires_at = links.signer.expiry()
    return listing(
        "Sandbox Affiliate API Directory",
        "Every category of the sandbox, with links to its feeds.",
        {
            category.name: {
                api: _feeds(category, links, Form(api, written), expires_at) for api in VERSIONS
            }
            for category in categories
        },
    )


def listing(title: str, description: str, variants: Mapping[str, Mapping[str, Record]]) -> Record:
    """The shape that all directories share, around each category's variants by version."""
    listings = {
        name: {"availableVariants": dict(by_version), "apiName": name}
        for name, by_version in variants.items()
    }
    return {
        "title": title,
        "description": description,
        "apiGroups": {"affiliate": {"name": "affiliate", "apiListings": listings}},
    }


def variant(name: str, get: str, delta: str | None = None, top: str | None = None) -> Record:
    """One version of one category, with the links that it has."""
    return {
        "resourceName": name,
        "put": None,
        "delete": None,
        "post": None,
        "get": get,
        "deltaGet": delta,
        "top": top,
    }


def late(name: str, what: int = 0) -> int:
    """By how many milliseconds an entry's expiry differs from that of the first one."""
    base = mix(*name.encode()) % _SPREAD_MILLISECONDS
    return base + (mix(base, what) % 5 == 0)


def _feeds(category: Category, links: Links, form: Form, expires_at: int) -> Record:
    def link(room: str, what: int) -> str:
        return links.first(room, category.code, form, expires_at + late(category.name, what))

    top = link("topFeeds", 3) if form.api == "v1.1.0" else None
    return variant(category.name, link("feeds", 1), link("deltaFeeds", 2), top)
