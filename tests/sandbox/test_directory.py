"""The directory of a sandbox."""

from urllib.parse import parse_qs, urlsplit

from tests.sandbox.wire import Wire


def test_directory_has_the_captured_shape(wire: Wire) -> None:
    """Each category lists two versions, each with seven keys, of which three are links."""
    listing = wire.get("/affiliate/api/sandbox.json").json()
    entry = listing["apiGroups"]["affiliate"]["apiListings"]["mens_footwear"]

    assert {"title", "description", "apiGroups"} == set(listing)
    assert {"availableVariants", "apiName"} == set(entry)
    assert {"v1.1.0", "v0.1.0"} == set(entry["availableVariants"])
    for variant in entry["availableVariants"].values():
        keys = {"resourceName", "get", "deltaGet", "top", "put", "delete", "post"}
        assert keys == set(variant)
        assert variant["resourceName"] == "mens_footwear"
        assert variant["put"] is variant["delete"] is variant["post"] is None


def test_links_name_this_server_and_their_version(wire: Wire) -> None:
    """Links point at the server that was asked; only v1.1.0 has best sellers."""
    url = wire.sandbox.url
    new, old = wire.variants()["watches"], wire.variants("v0.1.0")["watches"]

    assert new["get"].startswith(f"{url}/affiliate/1.0/feeds/sandbox/category/r18-w2c.json?")
    assert new["deltaGet"].startswith(f"{url}/affiliate/1.0/deltaFeeds/sandbox/category/r18-w2c.")
    assert new["top"].startswith(f"{url}/affiliate/1.0/topFeeds/sandbox/category/r18-w2c.json?")
    assert old["get"].startswith(f"{url}/affiliate/feeds/sandbox/category/r18-w2c.json?")
    assert old["top"] is None


def test_expiries_differ_by_some_milliseconds(wire: Wire) -> None:
    """The entries of one answer do not all expire at the same instant."""
    links = [entry["get"] for entry in wire.variants().values()]
    expiries = {int(parse_qs(urlsplit(link).query)["expiresAt"][0]) for link in links}

    assert len(expiries) > 1
    assert max(expiries) - min(expiries) < 1000
