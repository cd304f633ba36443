"""Walking a category of a sandbox from its first page to its last."""

import re
from collections import Counter

import pytest

from tests.sandbox.wire import Wire, base, ids

CATEGORIES = (
    "mens_footwear",
    "womens_clothing",
    "mens_clothing",
    "kitchen_appliances",
    "mobile_accessories",
    "watches",
)


@pytest.mark.parametrize("category", CATEGORIES)
def test_full_walk_shows_every_product(wire: Wire, category: str) -> None:
    """A walk shows each product of the category, whatever its next links look like."""
    walked = wire.walk(wire.variants()[category]["get"])

    assert set(ids(wire.sandbox.truth(category))) == set(ids(walked))


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_next_link_is_signed_anew(wire: Wire, category: str) -> None:
    """Cursors never repeat in a walk and every next link has its own expiry and signature."""
    pages = list(wire.pages(wire.variants()[category]["get"]))
    links = [page["nextUrl"] for page in pages[:-1]]

    assert len(links) == len({link.split("?")[0] for link in links})
    assert len(links) == len({link.split("sig=")[1] for link in links})


def test_cursors_stay_the_same_on_later_walks(wire: Wire) -> None:
    """The last path part of a next link depends on the place alone."""

    def cursors() -> list[str]:
        pages = list(wire.pages(wire.variants()["mens_clothing"]["get"]))
        return [page["nextUrl"].split("?")[0].split("/")[-1] for page in pages[:-1]]

    first = cursors()

    assert first == cursors()
    assert all(re.fullmatch(r"[0-9a-f]{24}\.json", cursor) for cursor in first)


def test_cursor_works_under_a_fresh_signature(wire: Wire) -> None:
    """A cursor kept from an earlier walk can be put into a new link of the directory."""
    first = next(wire.pages(wire.variants()["mens_clothing"]["get"]))
    cursor = first["nextUrl"].split("?")[0].split("/")[-1]
    fresh = wire.variants()["mens_clothing"]["get"].replace(".json?", f"/{cursor}?")

    assert (
        wire.get(first["nextUrl"]).json()["lastProductId"]
        == (wire.get(fresh).json()["lastProductId"])
    )


def test_pages_are_short_before_the_end(wire: Wire) -> None:
    """A batch is cut first and filtered after, so pages in the middle hold fewer products."""
    pages = list(wire.pages(wire.variants()["kitchen_appliances"]["get"]))
    sizes = [len(page["productInfoList"]) for page in pages]

    assert all(0 < size < 100 for size in sizes[:-1])


def test_empty_page_in_the_middle_has_a_next_link(wire: Wire) -> None:
    """One category has an empty page that does not end the walk."""
    pages = list(wire.pages(wire.variants()["mens_footwear"]["get"]))
    empty = [page for page in pages if not page["productInfoList"]]

    assert len(empty) == 1
    assert empty[0]["lastProductId"] == ""
    assert empty[0]["nextUrl"].startswith("http")


def test_last_page_can_be_empty(wire: Wire) -> None:
    """Some categories end with an empty page without a next link."""
    *_, before, last = wire.pages(wire.variants()["womens_clothing"]["get"])

    assert last["productInfoList"] == []
    assert before["productInfoList"]


def test_end_of_a_walk_is_spelled_in_four_ways(wire: Wire) -> None:
    """The last page has no next link, null, an empty one or the text "null"."""
    ends = []
    for category in CATEGORIES[:4]:
        *_, last = wire.pages(wire.variants()[category]["get"])
        ends.append(last.get("nextUrl", "absent"))

    assert ends == ["absent", None, "", "null"]


def test_odd_next_links_work(wire: Wire) -> None:
    """One category swaps the path's first parts, one has cursors of the older form."""
    swapped = next(wire.pages(wire.variants()["mens_clothing"]["get"]))["nextUrl"]
    colon = next(wire.pages(wire.variants()["womens_clothing"]["get"]))["nextUrl"]

    assert "/1.0/affiliate/feeds/" in swapped
    assert re.search(r"/v1:2wq-k1r:[0-9A-F]{16}\.json\?", colon)


def test_in_stock_filters_the_whole_walk(wire: Wire) -> None:
    """With `inStock=true` every page shows only what is in stock, and the next links keep it."""
    link = wire.variants()["mens_footwear"]["get"] + "&inStock=true"
    walked = wire.walk(link)
    truth = wire.sandbox.truth("mens_footwear")
    in_stock = {base(one)["productId"] for one in truth if base(one)["inStock"]}

    assert in_stock == set(ids(walked))


def test_page_envelope_and_record_have_their_parts(wire: Wire) -> None:
    """A page has its four keys, a record its three parts, and amounts are floats on the wire."""
    answer = wire.get(wire.variants()["mens_footwear"]["get"])
    page = answer.json()
    record = page["productInfoList"][0]

    assert {"nextUrl", "validTill", "lastProductId", "productInfoList"} == set(page)
    assert ids(page["productInfoList"])[-1] == page["lastProductId"]
    assert {"productBaseInfoV1", "productShippingInfoV1", "categorySpecificInfoV1"} == set(record)
    assert re.search(rb'"maximumRetailPrice":\{"amount":\d+\.0,"currency":"INR"\}', answer.content)


def test_ids_repeat_in_a_page_and_across_categories(wire: Wire) -> None:
    """Some ids stand twice in one page with other data, some in two categories with the same."""
    page = next(wire.pages(wire.variants()["mens_footwear"]["get"]))
    repeated = [one for one, count in Counter(ids(page["productInfoList"])).items() if count > 1]
    twins = [one for one in page["productInfoList"] if base(one)["productId"] == repeated[0]]
    first, second = (
        {base(one)["productId"]: one for one in wire.sandbox.truth(category)}
        for category in CATEGORIES[:2]
    )
    shared = first.keys() & second.keys()

    assert twins[0] != twins[1]
    assert shared
    assert [first[one] for one in shared] == [second[one] for one in shared]


def test_best_sellers_are_a_walk(wire: Wire) -> None:
    """Every page but the last carries a next link, however few it lists; all are in stock."""
    pages = list(wire.pages(wire.variants()["mens_footwear"]["top"]))
    listed = [record for page in pages for record in page["productInfoList"]]

    assert 0 < len(pages[0]["productInfoList"]) < 100
    assert "/topFeeds/" in pages[0]["nextUrl"]
    assert pages[-1]["productInfoList"] == []
    assert all(base(one)["inStock"] for one in listed)
    assert len(set(ids(listed))) == len(listed)


def test_only_deltas_say_what_is_available(wire: Wire) -> None:
    """No v1.1.0 record of a feed or of the top sellers has the flag; v0.1.0's are all available."""
    links = wire.variants()["mens_footwear"]
    listed = [*wire.walk(links["get"]), *wire.walk(links["top"])]
    older = wire.walk(wire.variants("v0.1.0")["mens_footwear"]["get"])
    attributes = [record["productBaseInfo"]["productAttributes"] for record in older]

    assert not any("isAvailable" in base(one) for one in listed)
    assert {one["isAvailable"] for one in attributes} == {True}
