"""The columns of a v1.1.0 dump and what they are called in the product schema.

The names are those of a printed dump of 2017. The vendor's reference lists `isAvailable` as well
and spells `categoies`; both are taken.

Lists are joined texts, so a member that holds the separator comes apart: `key_specs`,
`detailed_specs` and `offers` are cut at every `;`, `product_family` and `ideal_for` at every `,`.
Where a feed says the same list, the feed is right.

A dump says nothing about `currency`, `book`, and `specifications`: the column
`specificationList` was empty wherever one was printed.
"""

from __future__ import annotations

V1_COLUMNS = {
    "productId": "product_id",
    "title": "title",
    "description": "description",
    "imageUrlStr": "image_urls",
    "mrp": "mrp",
    "sellingPrice": "selling_price",
    "specialPrice": "special_price",
    "productUrl": "product_url",
    "categories": "category_path",
    "categoies": "category_path",
    "productBrand": "brand",
    "productFamily": "product_family",
    "inStock": "in_stock",
    "isAvailable": "is_available",
    "codAvailable": "cod_available",
    "offers": "offers",
    "discount": "discount_percentage",
    "shippingCharges": "shipping_charge",
    "deliveryTime": "delivery_time",
    "size": "size",
    "color": "color",
    "sizeUnit": "size_unit",
    "storage": "storage",
    "displaySize": "display_size",
    "keySpecsStr": "key_specs",
    "detailedSpecsStr": "detailed_specs",
    "sellerName": "seller_name",
    "sellerAverageRating": "seller_rating",
    "sellerNoOfRatings": "seller_rating_count",
    "sellerNoOfReviews": "seller_review_count",
    "sleeve": "sleeve",
    "neck": "neck",
    "idealFor": "ideal_for",
}
"""Name in the dump to field; `sleeve`, `neck` and `ideal_for` are parts of `lifestyle`."""

CARRIED_BY_V1_DUMP = (
    "product_id",
    "title",
    "description",
    "brand",
    "category_path",
    "product_url",
    "image_urls",
    "mrp",
    "selling_price",
    "special_price",
    "shipping_charge",
    "discount_percentage",
    "in_stock",
    "is_available",
    "cod_available",
    "offers",
    "delivery_time",
    "size",
    "size_unit",
    "color",
    "storage",
    "display_size",
    "product_family",
    "seller_name",
    "seller_rating",
    "seller_rating_count",
    "seller_review_count",
    "key_specs",
    "detailed_specs",
    "lifestyle",
)
"""What a v1.1.0 dump with every known column says something about.

`Dump.carried` leaves out what one dump lacks, as all printed ones lack `isAvailable`.
"""
