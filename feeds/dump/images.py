"""A dump's images: a list of links there, a map of size to link everywhere else.

The feeds' keys follow from the links, as 20,329 captured records of 2016 and those of 2020 show
without an exception: a link `/image/<w>/<h>/` has the key `<w>x<h>`; any other the first
`<number>x<number>` in it, wherever it stands (so a file name's `60x12` is one as well), else
`unknown`, which is the original. Of two links with one key the later wins. The keys come in the
order of the vendor's hash map, but for 47 of those records: two keys that share a slot stand in
the order in which they were put there.
"""

from __future__ import annotations

import polars as pl

from feeds.product.schema import IMAGE_URLS

_PATH = "/image/([0-9]+)/([0-9]+)/"
_SIZE = "[0-9]+x[0-9]+"
_ORIGINAL = "unknown"
_FEWEST_SLOTS, _MOST_SLOTS = 16, 2048
_FULL = 0.75


def image_urls(joined: pl.Series) -> pl.Series:
    """Return the maps, as the feeds would spell them, of texts that join links with `;`."""
    rows = pl.DataFrame({"row": pl.int_range(len(joined), eager=True), "value": joined})
    links = (
        rows.with_columns(pl.col("value").str.split(";"))
        .explode("value")
        .filter(pl.col("value") != "")
        .with_columns(key=_key(pl.col("value")))
    )
    if links.is_empty():
        return pl.repeat(None, len(joined), dtype=IMAGE_URLS, eager=True).alias("image_urls")
    maps = (
        _in_map_order(links)
        .with_columns(pl.col("row").set_sorted())
        .group_by("row", maintain_order=True)
        .agg(pl.struct("key", "value").alias("image_urls"))
    )
    made = rows.select("row").join(maps, on="row", how="left", maintain_order="left")
    return made["image_urls"].cast(IMAGE_URLS)


def _key(link: pl.Expr) -> pl.Expr:
    in_path = pl.concat_str(link.str.extract(_PATH, 1), link.str.extract(_PATH, 2), separator="x")
    return pl.coalesce(in_path, link.str.extract(_SIZE, 0), pl.lit(_ORIGINAL))


def _in_map_order(links: pl.DataFrame) -> pl.DataFrame:
    """Keep the last link of each key, and sort by where Java's `HashMap` keeps the keys."""
    keys = links["key"].unique()
    spreads = pl.Series([_spread(key) for key in keys], dtype=pl.Int64)
    # Whole numbers compare ten times as fast as texts.
    spread = pl.col("key").replace_strict(keys, spreads)
    places = pl.col("row") * 2**32 + spread
    placed = links.with_columns(place=places)
    if placed["place"].n_unique() < placed.height:
        placed = placed.unique("place", keep="last", maintain_order=True)
    slot = pl.col("place") % _slot_count(len(keys))
    return placed.sort(pl.col("row") * _MOST_SLOTS + slot, maintain_order=True)


def _slot_count(most_keys: int) -> pl.Expr:
    """Return how many slots a row's map has: a map three quarters full is doubled."""
    count, slots = pl.lit(_FEWEST_SLOTS), _FEWEST_SLOTS
    while most_keys > slots * _FULL and slots < _MOST_SLOTS:
        slots *= 2
        is_larger = pl.len().over("row") > slots / 2 * _FULL
        count = pl.when(is_larger).then(slots).otherwise(count)
    return count


def _spread(key: str) -> int:
    """Return Java's hash of a text, its upper half mixed in as `HashMap` does."""
    code = 0
    for sign in key:
        code = (31 * code + ord(sign)) & 0xFFFF_FFFF
    return code ^ (code >> 16)
