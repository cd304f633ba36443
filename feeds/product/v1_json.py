"""v1.1.0 records in JSON: a page's list into one typed frame.

A page is decoded in one go. Only where that fails is it taken apart record by record, so that
the bad ones can be told from the good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from feeds.product import columns
from feeds.product.record import (
    Attributes,
    BaseInfo,
    BooksInfo,
    CategoryInfo,
    LifeStyleInfo,
    Money,
    PathNode,
    Record,
    ShippingInfo,
    Title,
)
from feeds.product.rejected import RejectedRecord, reason_for
from feeds.product.specifications import SpecificationColumn

_records = msgspec.json.Decoder(list[Record] | None)
_raw_records = msgspec.json.Decoder(list[msgspec.Raw])
_record = msgspec.json.Decoder(Record)
_paths = msgspec.json.Decoder(list[list[PathNode]])

_NO_SHIPPING = ShippingInfo()
_NO_CATEGORY = CategoryInfo()
_NO_ATTRIBUTES = Attributes()
_NO_MONEY = Money()


def decode_records(body: bytes | msgspec.Raw) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a JSON list of records, and the records that do not fit.

    Raises:
        msgspec.DecodeError: the list itself is no JSON list.
    """
    try:
        records = _records.decode(body) or []
        return frame_of(records, range(len(records))), []
    except msgspec.ValidationError:
        return _one_by_one(_raw_records.decode(body))


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
    made["currency"] = columns.texts(map(_currency, base, shipping))
    return columns.frame(made, record_numbers)


def _one_by_one(raws: list[msgspec.Raw]) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    records: list[Record] = []
    numbers: list[int] = []
    rejected: list[RejectedRecord] = []
    for number, raw in enumerate(raws):
        try:
            record = _record.decode(raw)
            frame_of([record], [0])
        except msgspec.ValidationError as error:
            reason = reason_for(str(error))
            rejected.append(RejectedRecord.of(reason, str(error), number, bytes(raw)))
        else:
            records.append(record)
            numbers.append(number)
    return frame_of(records, numbers), rejected


def _base_columns(base: list[BaseInfo]) -> dict[str, pa.Array]:
    attributes = [one.attributes or _NO_ATTRIBUTES for one in base]
    return {
        "product_id": columns.texts(one.product_id for one in base),
        "title": columns.texts(one.title for one in base),
        "description": columns.texts(one.product_description for one in base),
        "brand": columns.texts(one.product_brand for one in base),
        "category_path": columns.texts(_path(one) for one in base),
        "product_url": columns.product_urls(one.product_url for one in base),
        "image_urls": columns.maps(one.image_urls for one in base),
        "mrp": _amounts(one.maximum_retail_price for one in base),
        "selling_price": _amounts(one.flipkart_selling_price for one in base),
        "special_price": _amounts(one.flipkart_special_price for one in base),
        "discount_percentage": columns.numbers(one.discount_percentage for one in base),
        "in_stock": columns.flags(one.in_stock for one in base),
        "is_available": columns.flags(one.is_available for one in base),
        "cod_available": columns.flags(one.cod_available for one in base),
        "offers": columns.lists(_offers(one) for one in base),
        "product_family": columns.families(one.product_family for one in base),
        "size": columns.texts(one.size for one in attributes),
        "size_unit": columns.texts(one.size_unit for one in attributes),
        "color": columns.texts(one.color for one in attributes),
        "storage": columns.texts(one.storage for one in attributes),
        "display_size": columns.texts(one.display_size for one in attributes),
    }


def _shipping_columns(shipping: list[ShippingInfo]) -> dict[str, pa.Array]:
    return {
        "shipping_charge": _amounts(one.shipping_charges for one in shipping),
        "delivery_time": columns.texts(one.estimated_delivery_time for one in shipping),
        "seller_name": columns.texts(one.seller_name for one in shipping),
        "seller_rating": columns.numbers(one.seller_average_rating for one in shipping),
        "seller_rating_count": columns.numbers(one.seller_no_of_ratings for one in shipping),
        "seller_review_count": columns.numbers(one.seller_no_of_reviews for one in shipping),
    }


def _category_columns(category: list[CategoryInfo]) -> dict[str, pa.Array]:
    specifications = SpecificationColumn()
    for one in category:
        specifications.add(one.specification_list)
    return {
        "key_specs": columns.lists(one.key_specs for one in category),
        "detailed_specs": columns.lists(one.detailed_specs for one in category),
        "specifications": specifications.array(),
        "book": pa.array([_book(one.books_info) for one in category], columns.BOOK),
        "lifestyle": pa.array(
            [_lifestyle(one.life_style_info) for one in category], columns.LIFESTYLE
        ),
    }


def _amounts(prices: Iterable[Money | None]) -> pa.Array:
    return columns.numbers([price.amount if price else None for price in prices])


def _currency(base: BaseInfo, shipping: ShippingInfo) -> str | None:
    prices = (
        base.maximum_retail_price,
        base.flipkart_selling_price,
        base.flipkart_special_price,
        shipping.shipping_charges,
    )
    return columns.one_currency([price.currency for price in prices if price])


def _offers(base: BaseInfo) -> list[str | None] | None:
    if not base.offers:
        return None
    return [offer.title if isinstance(offer, Title) else offer for offer in base.offers]


def _path(base: BaseInfo) -> str | None:
    path = base.category_path
    if isinstance(path, str) and path.startswith("[["):
        path = _paths.decode(path)
    if path is None or isinstance(path, str):
        return path
    return ">".join(node.node_name or node.title or "" for node in path[0]) if path else None


def _book(info: BooksInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    book = {
        "language": info.language or None,
        "binding": info.binding or None,
        "pages": columns.whole_number(info.pages),
        "publisher": info.publisher or None,
        "year": columns.whole_number(info.year),
        "authors": info.authors or None,
    }
    return book if any(book.values()) else None


def _lifestyle(info: LifeStyleInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    ideal_for = info.ideal_for
    style = {
        "sleeve": _one_text(info.sleeve),
        "neck": _one_text(info.neck),
        "ideal_for": ([ideal_for] if isinstance(ideal_for, str) else ideal_for) or None,
    }
    return style if any(style.values()) else None


def _one_text(value: str | list[str | None] | None) -> str | None:
    return (", ".join(filter(None, value)) if isinstance(value, list) else value) or None
