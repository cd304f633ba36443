"""A v1.1.0 product record as it stands on the wire in JSON.

Types are as wide as what really comes (captured answers of 2016-2018) and no wider, so that a
record that does not fit is seen. A field that is absent and one that is null mean the same.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

Amount = Annotated[float, Meta(ge=0, lt=1e10)]
"""A price: below ten thousand million, which is what the tables' DECIMAL(12,2) holds."""

Count = Annotated[float, Meta(ge=0, le=2**53)]
"""A whole number; the wire may spell it `12.0`."""

ProductId = str | Annotated[int, Meta(ge=0)]
"""Any text here; `feeds.product.values` says what an id is."""

Flag = bool | str | None
"""True or false, or a text that says so; see `feeds.product.values`."""


class Wire(Struct, rename="camel", gc=False):
    """Names are camelCase on the wire."""


class Money(Wire):
    """An amount and its currency."""

    amount: Amount | str | None = None
    currency: str | None = None


class Attributes(Wire):
    """What the buyer chooses between."""

    size: str | None = None
    color: str | None = None
    storage: str | None = None
    size_unit: str | None = None
    display_size: str | None = None


class Title(Wire):
    """An offer in its other spelling."""

    title: str | None = None


Offers = list[str | Title | None]


def offer_titles(offers: Offers | None) -> list[str | None] | None:
    """Return the titles of offers in either spelling; null for none."""
    if not offers:
        return None
    return [offer.title if isinstance(offer, Title) else offer for offer in offers]


class BaseInfo(Wire):
    """`productBaseInfoV1`."""

    product_id: ProductId
    title: str | None = None
    product_description: str | None = None
    image_urls: dict[str, str | None] | None = None
    product_family: list[str | int | None] | None = None
    maximum_retail_price: Money | None = None
    flipkart_selling_price: Money | None = None
    flipkart_special_price: Money | None = None
    product_url: str | None = None
    product_brand: str | None = None
    in_stock: Flag = None
    is_available: Flag = None
    cod_available: Flag = None
    discount_percentage: float | str | None = None
    offers: Offers | None = None
    category_path: str | list[list[PathNode]] | None = None
    attributes: Attributes | None = None


class PathNode(Wire, rename=None):
    """One step of a category path in the reference's spelling."""

    node_name: str | None = None
    title: str | None = None


class ShippingInfo(Wire):
    """`productShippingInfoV1`."""

    shipping_charges: Money | None = None
    estimated_delivery_time: str | None = None
    seller_name: str | None = None
    seller_average_rating: float | str | None = None
    seller_no_of_ratings: Count | str | None = None
    seller_no_of_reviews: Count | str | None = None


class BooksInfo(Wire):
    """`booksInfo`, on every product and mostly empty."""

    language: str | None = None
    binding: str | None = None
    pages: Count | str | None = None
    publisher: str | None = None
    year: Count | str | None = None
    authors: list[str | None] | None = None


class LifeStyleInfo(Wire):
    """`lifeStyleInfo`, on every product and mostly empty."""

    sleeve: str | list[str | None] | None = None
    neck: str | list[str | None] | None = None
    ideal_for: str | list[str | None] | None = None


class CategoryInfo(Wire):
    """`categorySpecificInfoV1`; the specifications come in two shapes and are read later."""

    key_specs: list[str | None] | None = None
    detailed_specs: list[str | None] | None = None
    specification_list: Raw = Raw(b"null")
    books_info: BooksInfo | None = None
    life_style_info: LifeStyleInfo | None = None


class Record(Wire):
    """One product."""

    product_base_info_v1: BaseInfo
    product_shipping_info_v1: ShippingInfo | None = None
    category_specific_info_v1: CategoryInfo | None = None


class KeyedValue(Wire, forbid_unknown_fields=True):
    """`{"key": name, "value": [..]}`."""

    key: str | None
    value: list[str | None] | None


class KeyedGroup(Wire, forbid_unknown_fields=True):
    """`{"key": group, "values": [..]}`: the specifications' regular shape."""

    key: str | None
    values: list[KeyedValue] | None


NamedGroup = dict[str, list[dict[str, list[str | None] | str | None]]]
"""`{group: [{name: [..]}]}`, the specifications' other shape; may be mixed with the first."""
