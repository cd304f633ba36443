"""v1.1.0 records in JSON: a page's list into one typed frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import polars as pl
import pyarrow as pa

from feeds.product import category_path, columns, details, json_records, v0_json
from feeds.product.json_records import JsonShape
from feeds.product.record import (
    Attributes,
    BaseInfo,
    CategoryInfo,
    Money,
    Record,
    ShippingInfo,
    offer_titles,
)
from feeds.product.rejected import RejectedRecord
from feeds.product.source import V1_JSON
from feeds.product.specifications import SpecificationColumn

_NO_SHIPPING = ShippingInfo()
_NO_CATEGORY = CategoryInfo()
_NO_ATTRIBUTES = Attributes()


def decode_records(body: bytes | msgspec.Raw) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a JSON list of records, and the records that do not fit.

    v0.1.0 records among them are taken too; the frame then has the column `record_source`.

    Raises:
        msgspec.DecodeError: the list itself is no JSON list.
    """
    return json_records.decode_records(body, SHAPE, v0_json.SHAPE)


def frame_of(records: Sequence[Record], record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the typed frame of decoded records.

    Raises:
        msgspec.ValidationError: a record has specifications of no known shape, or prices in two
            currencies.
    """
    base = [record.product_base_info_v1 for record in records]
    shipping = [record.product_shipping_info_v1 or _NO_SHIPPING for record in records]
    category = [record.category_specific_info_v1 or _NO_CATEGORY for record in records]
    made = _base_columns(base)
    made |= _shipping_columns(shipping)
    made |= _category_columns(category)
    made["currency"] = _currencies(
        (one.maximum_retail_price for one in base),
        (one.flipkart_selling_price for one in base),
        (one.flipkart_special_price for one in base),
        (one.shipping_charges for one in shipping),
    )
    return columns.frame(made, record_numbers)


def _base_columns(base: list[BaseInfo]) -> dict[str, pa.Array]:
    attributes = [one.attributes or _NO_ATTRIBUTES for one in base]
    return {
        "product_id": columns.ids(one.product_id for one in base),
        "title": columns.texts(one.title for one in base),
        "description": columns.texts(one.product_description for one in base),
        "brand": columns.texts(one.product_brand for one in base),
        "category_path": columns.texts(category_path.all_joined(one.category_path for one in base)),
        "product_url": columns.product_urls(one.product_url for one in base),
        "image_urls": columns.maps(one.image_urls for one in base),
        "mrp": _amounts((one.maximum_retail_price for one in base), "maximumRetailPrice"),
        "selling_price": _amounts(
            (one.flipkart_selling_price for one in base), "flipkartSellingPrice"
        ),
        "special_price": _amounts(
            (one.flipkart_special_price for one in base), "flipkartSpecialPrice"
        ),
        "discount_percentage": columns.numbers(
            (one.discount_percentage for one in base), "discountPercentage"
        ),
        "in_stock": columns.flags((one.in_stock for one in base), "inStock"),
        "is_available": columns.flags((one.is_available for one in base), "isAvailable"),
        "cod_available": columns.flags((one.cod_available for one in base), "codAvailable"),
        "offers": columns.lists(offer_titles(one.offers) for one in base),
        "product_family": columns.families(one.product_family for one in base),
        "size": columns.texts(one.size for one in attributes),
        "size_unit": columns.texts(one.size_unit for one in attributes),
        "color": columns.texts(one.color for one in attributes),
        "storage": columns.texts(one.storage for one in attributes),
        "display_size": columns.texts(one.display_size for one in attributes),
    }


def _shipping_columns(shipping: list[ShippingInfo]) -> dict[str, pa.Array]:
    return {
        "shipping_charge": _amounts((one.shipping_charges for one in shipping), "shippingCharges"),
        "delivery_time": columns.texts(one.estimated_delivery_time for one in shipping),
        "seller_name": columns.texts(one.seller_name for one in shipping),
        "seller_rating": columns.numbers(
            (one.seller_average_rating for one in shipping), "sellerAverageRating"
        ),
        "seller_rating_count": columns.counts(
            (one.seller_no_of_ratings for one in shipping), "sellerNoOfRatings"
        ),
        "seller_review_count": columns.counts(
            (one.seller_no_of_reviews for one in shipping), "sellerNoOfReviews"
        ),
    }


def _category_columns(category: list[CategoryInfo]) -> dict[str, pa.Array]:
    specifications = SpecificationColumn()
    for one in category:
        specifications.add(one.specification_list)
    return {
        "key_specs": columns.lists(one.key_specs for one in category),
        "detailed_specs": columns.lists(one.detailed_specs for one in category),
        "specifications": specifications.array(),
        "book": details.books(one.books_info for one in category),
        "lifestyle": details.lifestyles(one.life_style_info for one in category),
    }


def _amounts(prices: Iterable[Money | None], name: str) -> pa.Array:
    return columns.amounts([price.amount if price else None for price in prices], f"{name}.amount")


def _currencies(*prices: Iterable[Money | None]) -> pa.Array:
    said = ([price.currency if price else None for price in one] for one in prices)
    return columns.currencies(zip(*said, strict=True))


SHAPE = JsonShape(
    source=V1_JSON,
    record=msgspec.json.Decoder(Record),
    records=msgspec.json.Decoder(list[Record] | None),
    frame_of=frame_of,
)
"""How v1.1.0 records in JSON are read."""
