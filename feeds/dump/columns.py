"""Columns of the product schema out of a dump's fields, which are all texts.

What a field must look like is one table of patterns, read by Polars for whole frames and by
Python for single rows: both engines take them the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from feeds.dump.images import image_urls
from feeds.invisible import INVISIBLE, stripped
from feeds.product.schema import FRAME_SCHEMA, LIFESTYLE, RECORD_NUMBER
from feeds.product.values import ID_PATTERN
from feeds.product_url import USUAL, clean_product_url

AMOUNTS: Final = ("mrp", "selling_price", "special_price", "shipping_charge")
_NUMBERS = ("discount_percentage", "seller_rating")
_COUNTS = ("seller_rating_count", "seller_review_count")
_FLAGS = ("in_stock", "is_available", "cod_available", "emi_available")
_LINKS = ("image_urls", "product_url")
_SEMICOLON_LISTS = ("offers", "key_specs", "detailed_specs")
_COMMA_LISTS = ("product_family", "size_variants", "color_variants")

_AMOUNT = r"(?:[0-9]{1,10}(?:\.[0-9]+)?|[0-9](?:\.[0-9]+)?E[0-9])?"
_NUMBER = r"(?:-?[0-9]{1,15}(?:\.[0-9]+)?(?:E-?[0-9]{1,2})?)?"
_COUNT = r"(?:[0-9]{1,15}(?:\.0+)?|[0-9](?:\.[0-9]+)?E[0-9])?"
_FLAG = r"(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?"
_SCHEME = r"[Hh][Tt][Tt][Pp][Ss]?://"
_LINK = rf"(?:{_SCHEME}(?s:.*))?"

FITTING: Final[Mapping[str, str]] = (
    {"product_id": ID_PATTERN}
    | dict.fromkeys(AMOUNTS, _AMOUNT)
    | dict.fromkeys(_NUMBERS, _NUMBER)
    | dict.fromkeys(_COUNTS, _COUNT)
    | dict.fromkeys(_FLAGS, _FLAG)
    | dict.fromkeys(_LINKS, _LINK)
)
"""What a field must match as a whole; one that is not here can be any text.

Amounts stay below ten thousand million, which is what the tables hold. Java prints a double from
ten million on as `1.0E7`.
"""


def is_fitting(raw: pl.DataFrame) -> pl.Series:
    """Return for each row whether every field is what its column holds.

    A product link that names another product than the row's is no proof of a fault, and still
    worth a closer look: rows that ran into each other show it.
    """
    checks = [_is_fitting(field) for field in raw.columns if field in FITTING]
    if "product_url" in raw.columns:
        url, own = pl.col("product_url").fill_null(""), pl.format("pid={}", "product_id")
        names_none = ~url.str.contains("pid=", literal=True)
        checks.append(names_none | url.str.contains(own, literal=True).fill_null(value=False))
    return raw.select(pl.all_horizontal(checks)).to_series()


def in_one_form(field: str, text: str) -> str:
    """Return a field's text without what says nothing: invisible characters at its ends, or `null`.

    A text whose column can hold any text stays as it is.
    """
    if field not in FITTING:
        return text
    bare = stripped(text)
    says_nothing = bare.lower() == "null" and field not in {"product_id", *_LINKS}
    return "" if says_nothing else bare


def _is_fitting(field: str) -> pl.Expr:
    text, is_absent = pl.col(field), pl.col(field).is_null()
    if field == "product_id":
        is_absent, text = pl.lit(value=False), text.fill_null("")  # no row does without
    if field in _LINKS:  # what follows the start of a link can be anything, and need not be read
        return is_absent | (text == "") | text.str.contains(f"^{_SCHEME}")
    return is_absent | text.str.contains(f"^(?:{FITTING[field]})$")


def typed(raw: pl.DataFrame) -> pl.DataFrame:
    """Return the frame of rows that fit, with the columns of `FRAME_SCHEMA`.

    Args:
        raw: a column of texts for each field that the dump has, and `record_number`.
    """
    absent = {"sleeve", "neck", "ideal_for", *FRAME_SCHEMA} - set(raw.columns)
    told = raw.with_columns(
        *(pl.when(pl.col(name) != "").then(name).alias(name) for name in _fields(raw)),
        *(pl.lit(None, pl.String).alias(name) for name in absent),
    )
    ids = [_plain_ids(told[name]) for name in _COMMA_LISTS]
    told = told.with_columns(image_urls(told["image_urls"]), _clean_urls(told["product_url"]), *ids)
    return told.select(_expression(name).cast(kind) for name, kind in FRAME_SCHEMA.items())


def _fields(raw: pl.DataFrame) -> list[str]:
    return [name for name in raw.columns if name != RECORD_NUMBER]


def _expression(name: str) -> pl.Expr:
    """Return what makes a column out of the field of the same name."""
    field = pl.col(name)
    if name in _FLAGS:
        return field.str.to_lowercase() == "true"
    if name in {*AMOUNTS, *_NUMBERS, *_COUNTS}:
        return field.cast(pl.Float64).cast(FRAME_SCHEMA[name], strict=False)
    if name in _SEMICOLON_LISTS:
        return field.str.split(";")
    if name in _COMMA_LISTS:
        return field.str.split(",")
    return _lifestyle() if name == "lifestyle" else field


def _lifestyle() -> pl.Expr:
    parts = [pl.col(name) for name in ("sleeve", "neck", "ideal_for")]
    said = pl.any_horizontal(part.is_not_null() for part in parts)
    suited = parts[2].str.split(",").list.eval(pl.element().str.strip_chars())
    return pl.when(said).then(pl.struct(*parts[:2], suited).cast(LIFESTYLE)).alias("lifestyle")


def _plain_ids(joined: pl.Series) -> pl.Series:
    """Return ids joined with `,`, without the brackets and blanks of a printed list; else null."""
    if not joined.str.contains(rf"[\[\]{INVISIBLE}]|^,|,,|,$").any():
        return joined
    bare = joined.str.replace_all(rf"[\[\]{INVISIBLE}]+", "").str.replace_all(",,+", ",")
    return bare.str.strip_chars(",").replace("", None)


def _clean_urls(links: pl.Series) -> pl.Series:
    """Dumps carry no tracking id; one that does must not bring somebody else's into the mirror."""
    is_unusual = ~links.str.contains(f"^(?:{USUAL})$").fill_null(value=True)
    if not is_unusual.any():
        return links
    places = is_unusual.arg_true()
    return links.scatter(places, [clean_product_url(link) for link in links.gather(places)])
