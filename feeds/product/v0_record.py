"""A v0.1.0 product record as it stands on the wire in JSON.

The deprecated API says less of a product, and in other places (captured answers of 2015-2016).
A field that is absent and one that is null mean the same.
"""

from __future__ import annotations

from feeds.product.category_path import Path
from feeds.product.record import Flag, Money, Offers, ProductId, Wire


class CategoryPaths(Wire):
    """`categoryPaths`: one node a path, its title the joined names."""

    category_path: Path = None


class Identifier(Wire):
    """`productIdentifier`."""

    product_id: ProductId
    category_paths: CategoryPaths | None = None


class Attributes(Wire):
    """`productAttributes`; `sizeVariants` and `colorVariants` are a printed Java list."""

    title: str | None = None
    product_description: str | None = None
    image_urls: dict[str, str | None] | None = None
    maximum_retail_price: Money | None = None
    selling_price: Money | None = None
    product_url: str | None = None
    product_brand: str | None = None
    in_stock: Flag = None
    is_available: Flag = None
    cod_available: Flag = None
    emi_available: Flag = None
    discount_percentage: float | str | None = None
    cash_back: str | None = None
    offers: Offers | None = None
    size: str | None = None
    color: str | None = None
    size_unit: str | None = None
    size_variants: str | list[str | int | None] | None = None
    color_variants: str | list[str | int | None] | None = None
    style_code: str | None = None


class BaseInfo(Wire):
    """`productBaseInfo`."""

    product_identifier: Identifier
    product_attributes: Attributes | None = None


class Record(Wire):
    """One product; its `productShippingBaseInfo` and `offset` were never seen to say anything."""

    product_base_info: BaseInfo
