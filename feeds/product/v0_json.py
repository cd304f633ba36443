"""v0.1.0 records in JSON: a page's list into one typed frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import polars as pl
import pyarrow as pa

from feeds.product import category_path, columns, json_records
from feeds.product.json_records import JsonShape
from feeds.product.record import Money, offer_titles
from feeds.product.rejected import RejectedRecord
from feeds.product.source import V0_JSON
from feeds.product.v0_record import Attributes, Identifier, Record

_NO_ATTRIBUTES = Attributes()


def decode_records(body: bytes | msgspec.Raw) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a JSON list of records, and the records that do not fit.

    Raises:
        msgspec.DecodeError: the list itself is no JSON list.
    """
    return json_records.decode_records(body, SHAPE)


def frame_of(records: Sequence[Record], record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the typed frame of decoded records.

    Raises:
        msgspec.ValidationError: a record has prices in two currencies.
    """
    base = [record.product_base_info for record in records]
    made = _attribute_columns([one.product_attributes or _NO_ATTRIBUTES for one in base])
    made |= _identifier_columns([one.product_identifier for one in base])
    return columns.frame(made, record_numbers)


def _identifier_columns(identifiers: list[Identifier]) -> dict[str, pa.Array]:
    paths = [
        one.category_paths.category_path if one.category_paths else None for one in identifiers
    ]
    return {
        "product_id": columns.ids(one.product_id for one in identifiers),
        "category_path": columns.texts(category_path.all_joined(paths)),
    }


def _attribute_columns(attributes: list[Attributes]) -> dict[str, pa.Array]:
    return {
        "title": columns.texts(one.title for one in attributes),
        "description": columns.texts(one.product_description for one in attributes),
        "brand": columns.texts(one.product_brand for one in attributes),
        "product_url": columns.product_urls(one.product_url for one in attributes),
        "image_urls": columns.maps(one.image_urls for one in attributes),
        "currency": columns.texts(map(_currency, attributes)),
        "mrp": _amounts((one.maximum_retail_price for one in attributes), "maximumRetailPrice"),
        "selling_price": _amounts((one.selling_price for one in attributes), "sellingPrice"),
        "discount_percentage": columns.numbers(
            (one.discount_percentage for one in attributes), "discountPercentage"
        ),
        "in_stock": columns.flags((one.in_stock for one in attributes), "inStock"),
        "is_available": columns.flags((one.is_available for one in attributes), "isAvailable"),
        "cod_available": columns.flags((one.cod_available for one in attributes), "codAvailable"),
        "emi_available": columns.flags((one.emi_available for one in attributes), "emiAvailable"),
        "cash_back": columns.texts(one.cash_back for one in attributes),
        "offers": columns.lists(offer_titles(one.offers) for one in attributes),
        "size": columns.texts(one.size for one in attributes),
        "size_unit": columns.texts(one.size_unit for one in attributes),
        "color": columns.texts(one.color for one in attributes),
        "style_code": columns.texts(one.style_code for one in attributes),
        "size_variants": columns.variants(one.size_variants for one in attributes),
        "color_variants": columns.variants(one.color_variants for one in attributes),
    }


def _amounts(prices: Iterable[Money | None], name: str) -> pa.Array:
    return columns.amounts([price.amount if price else None for price in prices], f"{name}.amount")


def _currency(attributes: Attributes) -> str | None:
    prices = (attributes.maximum_retail_price, attributes.selling_price)
    return columns.one_currency([price.currency for price in prices if price])


SHAPE = JsonShape(
    source=V0_JSON,
    record=msgspec.json.Decoder(Record),
    records=msgspec.json.Decoder(list[Record] | None),
    frame_of=frame_of,
)
"""How v0.1.0 records in JSON are read."""
