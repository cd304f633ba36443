"""The made-up catalogue: the same from the same seed, and as strange as the real one."""

from collections import Counter
from itertools import chain

import orjson
import pytest

from feeds.sandbox.catalogue import Record
from feeds.sandbox.identity import place, product_id
from feeds.sandbox.synthetic import SyntheticCatalogue, synthetic


def listed(catalogue: SyntheticCatalogue) -> list[Record]:
    """Every record that full feeds show, repeats included."""
    return [
        record
        for category in catalogue.categories.values()
        for slot in range(len(category))
        if (record := category.record(slot))
    ]


def test_same_seed_makes_the_same_days() -> None:
    """Two catalogues of one seed are equal on day 0 and after some days."""
    one, other = synthetic(300, 3, seed=5), synthetic(300, 3, seed=5)
    assert listed(one) == listed(other)
    one.next_day(3)
    for _ in range(3):
        other.next_day()

    assert listed(one) == listed(other)


def test_another_seed_makes_other_products() -> None:
    """No id of one seed occurs under another."""
    one, other = synthetic(100, 1, seed=1), synthetic(100, 1, seed=2)
    ids = [{r["productBaseInfoV1"]["productId"] for r in listed(each)} for each in (one, other)]

    assert set() == ids[0] & ids[1]


@pytest.mark.parametrize(("products", "categories"), [(1, 1), (7, 5), (1000, 22), (500, 50)])
def test_sizes_are_kept(products: int, categories: int) -> None:
    """There are exactly as many different products and categories as asked for."""
    catalogue = synthetic(products, categories)
    truth = chain.from_iterable(each.truth() for each in catalogue.categories.values())
    ids = {record["productBaseInfoV1"]["productId"] for record in truth}

    assert products == len(ids)
    assert categories == len({each.name for each in catalogue.categories.values()})


@pytest.mark.parametrize("sizes", [(1, 0, 500), (-1, 1, 500), (1, 1, 0)])
def test_impossible_sizes_are_refused(sizes: tuple[int, int, int]) -> None:
    """A catalogue without a category or with a negative size is an error at once."""
    products, categories, page_size = sizes
    with pytest.raises(ValueError, match="needs a category"):
        synthetic(products, categories, page_size=page_size)


def test_ids_can_be_read_back() -> None:
    """An id is 16 upper-case letters and digits that hold its place; a foreign one holds none."""
    made = product_id("TRS", 7, 3, 123_456)

    assert len(made) == 16
    assert made.isalnum()
    assert made == made.upper()
    assert place(made, 7) == (3, 123_456)
    assert place("TRSE00000000IIII", 7) is None


def test_prices_are_in_order() -> None:
    """Special is never above selling, selling never above the maximum."""
    for record in listed(synthetic(1500, 4)):
        base = record["productBaseInfoV1"]
        names = ("maximumRetailPrice", "flipkartSellingPrice", "flipkartSpecialPrice")
        amounts = [base[name]["amount"] for name in names if base[name]]
        assert sorted(amounts, reverse=True) == amounts


def test_oddities_occur_about_as_often_as_captured() -> None:
    """Bare, unpriced and otherwise odd records have their shares, and both spec shapes mix."""
    seen: Counter[str] = Counter()
    records = listed(synthetic(5000, 5))
    for record in records:
        base, specific = record["productBaseInfoV1"], record["categorySpecificInfoV1"]
        specs = specific["specificationList"]
        prices = base["flipkartSellingPrice"], base["flipkartSpecialPrice"]
        seen["bare"] += prices[0] is None
        seen["special null"] += prices[0] is not None and prices[1] is None
        seen["zero"] += prices[0] is not None and prices[0]["amount"] == 0
        seen["java family"] += bool(base["productFamily"]) and base["productFamily"][0][0] == "["
        seen["by name"] += bool(specs) and "key" not in specs[0]
        seen["by key"] += bool(specs) and "key" in specs[0]
        seen["no specs"] += not specs
        seen["no description"] += not base["productDescription"]
    share = {name: count / len(records) for name, count in seen.items()}

    assert 0.008 < share["bare"] < 0.018
    assert 0.003 < share["special null"] < 0.01
    assert 0.014 < share["zero"] < 0.03
    assert 0.3 < share["java family"] < 0.5
    assert 0.25 < share["by name"] < 0.5
    assert 0.4 < share["by key"] < 0.7
    assert 0.02 < share["no specs"] < 0.08
    assert 0.3 < share["no description"] < 0.6


def test_small_catalogue_holds_nearly_every_oddity() -> None:
    """Even a few hundred products have the rare texts, image maps and nulls among them."""
    bases = [record["productBaseInfoV1"] for record in listed(synthetic(900, 3))]
    titles = "".join(base["title"] for base in bases)
    texts = titles + "".join(base["productDescription"] for base in bases)

    assert all(odd in texts for odd in ("\ufffd", "\n", "&apos;", '"', ";", "\u5c71", "\x0b"))
    assert {0, 1, 4, 9} <= {len(base["imageUrls"]) for base in bases}
    assert any(
        key not in "200x200 400x400 800x800 unknown" for b in bases for key in b["imageUrls"]
    )
    assert any("/image/200/200/" in link for b in bases for link in b["imageUrls"].values())
    assert {True, False, None} == {base["inStock"] for base in bases}
    assert {True, False, None} == {base["codAvailable"] for base in bases}
    assert "" in {base["productBrand"] for base in bases}
    assert any(base["title"] != base["title"].strip() for base in bases)
    assert any(isinstance(one, dict) for base in bases for one in base["offers"] or ())
    assert any(base["categoryPath"].startswith("[[{") for base in bases)


def test_records_are_about_as_large_as_captured() -> None:
    """A record has between two and a half and four thousand bytes on average."""
    records = listed(synthetic(1000, 4))
    mean = sum(len(orjson.dumps(record)) for record in records) / len(records)

    assert 2500 < mean < 4000
