"""The one product schema: every field of both API versions and of the dumps.

Rules that hold for every source, because JSON, XML and CSV cannot be told apart otherwise:

- Nothing is null. An empty text, list or map is stored as null; a text of blanks is kept.
- Ids, currencies, flags and numbers are in the form that `feeds.product.values` says.
- An amount is in the row's `currency`, with two decimals; 0 means unknown to the vendor and is
  kept as given.
- `product_url` carries nobody's ids and is no short link, see `feeds.product_url`: links that earn
  are made anew.
- `category_path` joins names with `>`; of several paths the first.
- A map keeps its keys in the order they came; a list drops its nulls.
- `book` and `lifestyle` are null where nothing in them says anything; a book's `pages` and `year`
  are null where they are 0 (unknown to the vendor) or no whole number.

The tables' DDL repeats these columns and a test holds the two together.
"""

from __future__ import annotations

import polars as pl

_Types = dict[str, pl.DataType | type[pl.DataType]]

_TEXTS = pl.List(pl.String)
_MONEY = pl.Decimal(12, 2)

SPECIFICATIONS = pl.List(pl.Struct({"group": pl.String, "name": pl.String, "values": _TEXTS}))
IMAGE_URLS = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))
BOOK = pl.Struct(
    {
        "language": pl.String,
        "binding": pl.String,
        "pages": pl.Int32,
        "publisher": pl.String,
        "year": pl.Int32,
        "authors": _TEXTS,
    }
)
LIFESTYLE = pl.Struct({"sleeve": pl.String, "neck": pl.String, "ideal_for": _TEXTS})

_PRODUCT: _Types = {
    "product_id": pl.String,
    "title": pl.String,
    "description": pl.String,
    "brand": pl.String,
    "category_path": pl.String,
    "product_url": pl.String,
    "image_urls": IMAGE_URLS,
    "currency": pl.String,
    "mrp": _MONEY,
    "selling_price": _MONEY,
    "special_price": _MONEY,
    "shipping_charge": _MONEY,
    "discount_percentage": pl.Float64,
    "in_stock": pl.Boolean,
    "is_available": pl.Boolean,
    "cod_available": pl.Boolean,
    "emi_available": pl.Boolean,
    "cash_back": pl.String,
    "offers": _TEXTS,
    "delivery_time": pl.String,
    "size": pl.String,
    "size_unit": pl.String,
    "color": pl.String,
    "storage": pl.String,
    "display_size": pl.String,
    "style_code": pl.String,
    "product_family": _TEXTS,
    "size_variants": _TEXTS,
    "color_variants": _TEXTS,
    "seller_name": pl.String,
    "seller_rating": pl.Float64,
    "seller_rating_count": pl.Int64,
    "seller_review_count": pl.Int64,
    "key_specs": _TEXTS,
    "detailed_specs": _TEXTS,
    "specifications": SPECIFICATIONS,
    "book": BOOK,
    "lifestyle": LIFESTYLE,
}

PRODUCT_SCHEMA = pl.Schema(_PRODUCT)
"""Column names and types of a page's frame, in order; `record_number` goes before them."""

RECORD_NUMBER = "record_number"
"""Int32: where the record stood in its page, from 0."""

FRAME_SCHEMA = pl.Schema({RECORD_NUMBER: pl.Int32(), **PRODUCT_SCHEMA})

_V0_ONLY = {"emi_available", "cash_back", "style_code", "size_variants", "color_variants"}

CARRIED_BY_V1_JSON = tuple(name for name in PRODUCT_SCHEMA if name not in _V0_ONLY)
"""What a v1.1.0 JSON record says something about; it overwrites these columns and no others."""

CARRIED_BY_V1_XML = tuple(name for name in CARRIED_BY_V1_JSON if name != "specifications")
"""What a v1.1.0 XML record says something about: the elements of specifications come empty."""

_NOT_IN_V0 = {
    "special_price",
    "shipping_charge",
    "delivery_time",
    "storage",
    "display_size",
    "product_family",
    "seller_name",
    "seller_rating",
    "seller_rating_count",
    "seller_review_count",
    "key_specs",
    "detailed_specs",
    "specifications",
    "book",
    "lifestyle",
}

CARRIED_BY_V0 = tuple(name for name in PRODUCT_SCHEMA if name not in _NOT_IN_V0)
"""What a v0.1.0 record says something about, in JSON and in XML alike."""
