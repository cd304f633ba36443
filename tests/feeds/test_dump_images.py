"""A dump's image links as the feeds' map."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from feeds.dump.images import image_urls

SIZES = ("1100x1100", "125x125", "200x200", "400x400", "75x75", "275x275", "40x40", "100x100")
LINK = "http://img.invalid/image/{}-x-ima5.jpeg"


def made(*links: str) -> dict[str, str]:
    """Return the map of some links, in its order."""
    (images,) = image_urls(pl.Series([";".join(links)])).to_list()
    return {one["key"]: one["value"] for one in images or ()}


def test_original_comes_first_and_stands_last() -> None:
    """The four links of an ordinary row become the map that the feed has."""
    order = ("original", "200x200", "400x400", "800x800")
    keys = list(made(*(LINK.format(size) for size in order)))

    assert keys == ["200x200", "400x400", "800x800", "unknown"]


def test_key_is_the_first_size_in_the_link() -> None:
    """A size in a file name is a key as well; of two links with one key the later wins."""
    links = ["http://img.invalid/a-60x16x125-original-i.jpeg", *map(LINK.format, ("x", "200x200"))]
    links += ["http://img.invalid/a-60x16x125-800x800-i.jpeg"]

    assert made(*links) == {
        "60x16": links[3],
        "200x200": links[2],
        "unknown": links[1],
    }


def test_a_size_in_the_path_is_the_key() -> None:
    """What the path asks for counts before any size in the file's name."""
    links = [
        "https://img.invalid/image/200/400/tea/b/3/k/tea-60x12-original-ima5.jpeg?q=90",
        "https://img.invalid/image/800/800/tea/b/3/k/tea-original-ima5.jpeg?q=90",
        "https://img.invalid/image/8/tea-275x275-ima5.jpeg",
    ]

    assert made(*links) == {"200x400": links[0], "800x800": links[1], "275x275": links[2]}


def test_the_keys_captured_in_2020(captures: Path) -> None:
    """The links of 2020, joined as a dump does, make the captured maps again."""
    page = json.loads(
        (captures / "neighbours" / "v1.1.0-2020-05" / "food_nutrition_feed_page.json").read_bytes()
    )
    maps = [one["productBaseInfoV1"]["imageUrls"] for one in page["products"]]

    assert len(maps) == 5
    assert [made(*one.values()) for one in maps] == maps


def test_order_is_that_of_the_vendors_map() -> None:
    """Nine sizes stand as captured records have them."""
    links = [LINK.format("original"), *(LINK.format(size) for size in SIZES)]

    assert list(made(*links)) == [*SIZES[:7], "unknown", "100x100"]


def test_map_of_many_keys_is_larger() -> None:
    """Past twelve keys the map is doubled, and the order is another one."""
    few, many = (
        [LINK.format(f"{number}x{number}") for number in range(1, count)] for count in (13, 14)
    )

    assert list(made(*few))[:3] != list(made(*many))[:3]
    assert len(made(*many)) == 13


@pytest.mark.parametrize("joined", ["", ";", None])
def test_no_link_is_no_map(joined: str | None) -> None:
    """A row without images has null, as every empty list."""
    assert image_urls(pl.Series([joined, LINK], dtype=pl.String)).to_list()[0] is None


@pytest.mark.captures
def test_captured_maps_come_out_as_they_were(captures: Path) -> None:
    """The links of every captured record, joined as a dump does, make the captured map again."""
    maps = [
        record["productBaseInfoV1"]["imageUrls"]
        for file in sorted((captures / "v1.1.0-2016-11").glob("*/*.json.gz"))
        for record in json.loads(gzip.decompress(file.read_bytes()))
    ]
    joined = [
        ";".join(sorted(one.values(), key=lambda link: "-original-" not in link)) for one in maps
    ]
    found = image_urls(pl.Series(joined)).to_list()
    same = [
        [(one["key"], one["value"]) for one in images or ()] == list(expected.items())
        for images, expected in zip(found, maps, strict=True)
    ]

    assert len(maps) == 20_329
    # In 47 of them two keys share a slot and stand the other way round: no link says why.
    assert sum(same) == 20_329 - 47
