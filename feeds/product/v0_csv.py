"""The columns of a v0.1.0 dump and what they are called in the product schema.

The names are those of the vendor's reference. `price` is the selling price; `sizeVariants` and
`colorVariants` are product ids joined with `,`. What `v1_csv` says about lists holds here too.
"""

from __future__ import annotations

from feeds.product.v1_csv import V1_COLUMNS

_SHARED = (
    "productId",
    "title",
    "description",
    "imageUrlStr",
    "mrp",
    "productUrl",
    "categories",
    "categoies",
    "productBrand",
    "deliveryTime",
    "inStock",
    "isAvailable",
    "codAvailable",
    "offers",
    "discount",
    "size",
    "color",
    "sizeUnit",
)

V0_COLUMNS = {name: V1_COLUMNS[name] for name in _SHARED} | {
    "price": "selling_price",
    "emiAvailable": "emi_available",
    "cashBack": "cash_back",
    "sizeVariants": "size_variants",
    "colorVariants": "color_variants",
    "styleCode": "style_code",
}
"""Name in the dump to field."""

CARRIED_BY_V0_DUMP = tuple(dict.fromkeys(V0_COLUMNS.values()))
"""What a v0.1.0 dump with every known column says something about."""
