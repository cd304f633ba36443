"""Deltas of a sandbox: what its days change, and how versions are spelled."""

from collections.abc import Iterator

import httpx
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Record, Wire, base, since

CATEGORIES = ("mens_footwear", "womens_clothing", "mens_clothing", "kitchen_appliances")


@pytest.fixture
def own() -> Iterator[Wire]:
    """A sandbox that one test may move on."""
    rules = Rules(quota=0)
    with (
        Sandbox(products=1200, categories=4, page_size=20, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        yield Wire(sandbox, client)


def known(records: list[Record]) -> dict[str, Record]:
    """Records by id, without the flag that only deltas carry."""
    return {
        base(one)["productId"]: {
            **one,
            "productBaseInfoV1": {k: v for k, v in base(one).items() if k != "isAvailable"},
        }
        for one in records
    }


def test_base_and_deltas_make_today(own: Wire) -> None:
    """The catalogue of day 0 with each day's delta put on it is the catalogue of today."""
    mirrors = {name: known(own.sandbox.truth(name)) for name in CATEGORIES}
    versions = own.sandbox.versions()
    for days in (1, 1, 3):
        after = own.sandbox.next_day(days)
        for name, mirror in mirrors.items():
            changes = own.walk(since(own.variants()[name]["deltaGet"], versions[name]))
            mirror.update(known(changes))
            for gone in (one for one in changes if not base(one)["isAvailable"]):
                del mirror[base(gone)["productId"]]
        versions = after

    assert {name: known(own.sandbox.truth(name)) for name in CATEGORIES} == mirrors


def test_full_walk_shows_today(own: Wire) -> None:
    """A full walk of a later day shows the same products as the truth of that day."""
    own.sandbox.next_day(4)

    for name in CATEGORIES:
        walked = own.walk(own.variants()[name]["get"])
        assert known(own.sandbox.truth(name)).keys() == known(walked).keys()


def test_a_walk_over_a_day_is_mended_by_the_next_delta(own: Wire) -> None:
    """A walk that a day interrupts, with the changes since the version before it, makes today."""
    name = "mens_footwear"
    links, version = own.variants()[name], own.sandbox.versions()[name]
    pages = own.pages(links["get"])
    walked = [record for _ in range(7) for record in next(pages)["productInfoList"]]
    own.sandbox.next_day()
    walked += [record for page in pages for record in page["productInfoList"]]
    changes = own.walk(since(links["deltaGet"], version))
    priced = [one for one in walked if base(one)["flipkartSellingPrice"]]
    mirror = known(walked) | known(priced) | known(changes)
    for gone in (one for one in changes if not base(one)["isAvailable"]):
        mirror.pop(base(gone)["productId"], None)

    assert known(own.sandbox.truth(name)) == mirror


def test_a_day_changes_prices_stock_titles_and_members(own: Wire) -> None:
    """Over some days, products change in every way, some go, some are new."""
    before = known(own.sandbox.truth("mens_footwear"))
    own.sandbox.next_day(6)
    after = known(own.sandbox.truth("mens_footwear"))
    both = before.keys() & after.keys()

    def changed(field: str) -> int:
        return sum(base(before[one])[field] != base(after[one])[field] for one in both)

    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
    assert all(changed(field) for field in ("flipkartSellingPrice", "inStock", "title"))
    assert sum(before[one] != after[one] for one in both) < len(both) / 2


def test_delta_without_a_version_answers_the_current_one(own: Wire) -> None:
    """The link as the directory gives it answers the version and no products."""
    page = own.get(own.variants()["mens_footwear"]["deltaGet"]).json()

    assert own.sandbox.versions()["mens_footwear"] == page["version"]
    assert page["productInfoList"] == []


def test_versions_are_spelled_in_four_ways(own: Wire) -> None:
    """Integer, float, text and Java's double occur, and each is accepted back."""
    spelled = []
    for name in CATEGORIES:
        link = own.variants()[name]["deltaGet"]
        text = own.get(link).text.split('"version":')[1].split(",")[0]
        spelled.append(text)
        assert own.walk(since(link, text.strip('"'))) == []

    assert spelled == ["65", "396.0", '"727"', "1.36625296E8"]


def test_old_or_unknown_versions(own: Wire) -> None:
    """Since a version before the first everything is listed, since a later one nothing."""
    link = own.variants()["mens_footwear"]["deltaGet"]
    listed = known(own.walk(since(link, 1)))

    assert known(own.sandbox.truth("mens_footwear")) == listed
    assert own.walk(since(link, 10_000)) == []


def test_delta_next_links_carry_the_version(own: Wire) -> None:
    """A paged delta goes on under `/fromVersion/`; one category's links lose their `1.0/`."""
    links = {name: own.variants()[name]["deltaGet"] for name in CATEGORIES}
    plain = next(own.pages(since(links["mens_footwear"], 1)))["nextUrl"]
    java = since(links["kitchen_appliances"], "1.23456789E8")
    lost = next(own.pages(java))["nextUrl"]

    assert "/affiliate/1.0/deltaFeeds/sandbox/category/fwm-t3k/fromVersion/1/" in plain
    assert f"{own.sandbox.url}/affiliate/deltaFeeds/" in lost
    assert "/fromVersion/1.23456789E8/" in lost
    assert known(own.sandbox.truth("kitchen_appliances")) == known(own.walk(java))


def test_in_stock_hides_what_went_out_of_stock(own: Wire) -> None:
    """A filtered delta lists only products in stock, so what left is not told."""
    version = own.sandbox.versions()["mens_footwear"]
    own.sandbox.next_day(3)
    link = since(own.variants()["mens_footwear"]["deltaGet"], version)
    everything, filtered = own.walk(link), own.walk(link + "&inStock=true")

    assert {"False", "True"} == {str(base(one)["isAvailable"]) for one in everything}
    assert known([one for one in everything if base(one)["inStock"]]) == known(filtered)


def test_a_version_can_fall(own: Wire) -> None:
    """After a reset the version is lower than before and a full walk still works."""
    before = own.sandbox.versions()["kitchen_appliances"]
    after = own.sandbox.reset_version("kitchen_appliances")

    assert after < before
    assert own.walk(own.variants()["kitchen_appliances"]["get"])


def test_most_days_leave_one_category_alone(own: Wire) -> None:
    """On some days a category's version does not move."""
    still = 0
    for _ in range(8):
        before = own.sandbox.versions()
        after = own.sandbox.next_day()
        still += sum(before[name] == after[name] for name in CATEGORIES)

    assert 0 < still <= 8
