"""v1.1.0 records in XML: a page's list into one typed frame.

The elements of specifications come empty in XML (vendor's reference), so the frame has none and
`CARRIED_BY_V1_XML` leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from feeds.product import columns, details, v0_xml, xml_records
from feeds.product.record import BooksInfo, LifeStyleInfo
from feeds.product.rejected import RejectedRecord
from feeds.product.source import V1_XML
from feeds.product.xml_cells import Cells, shared_columns
from feeds.product.xml_layout import Group, Ignored, Layout, Pairs, Part, Text, Texts, price, texts
from feeds.product.xml_records import XmlShape

_BOOK = ("language", "binding", "pages", "publisher", "year")
_CATEGORY = Part(
    "categorySpecificInfoV1",
    (
        Group("booksInfo", (Texts("authors"), *texts(*sorted(_BOOK)))),
        Texts("detailedSpecs"),
        Texts("keySpecs"),
        Group("lifeStyleInfo", (Texts("idealFor"), Texts("neck"), Texts("sleeve"))),
        Ignored("specificationList"),
    ),
)
_BASE = Part(
    "productBaseInfoV1",
    (
        Group("attributes", texts("color", "displaySize", "size", "sizeUnit", "storage")),
        Text("categoryPath", can_repeat=True),
        *texts("codAvailable", "discountPercentage"),
        price("flipkartSellingPrice"),
        price("flipkartSpecialPrice"),
        Pairs("imageUrls"),
        *texts("inStock", "isAvailable"),
        price("maximumRetailPrice"),
        Texts("offers", inner="title"),
        *texts("productBrand", "productDescription"),
        Texts("productFamily"),
        *texts("productId", "productUrl", "title"),
    ),
)
_SHIPPING = Part(
    "productShippingInfoV1",
    (
        *texts("estimatedDeliveryTime", "sellerAverageRating", "sellerName"),
        *texts("sellerNoOfRatings", "sellerNoOfReviews"),
        price("shippingCharges"),
    ),
)
_LAYOUT = Layout(_CATEGORY, _BASE, _SHIPPING)
_PRICES = ("maximumRetailPrice", "flipkartSellingPrice", "flipkartSpecialPrice", "shippingCharges")


def decode_records(raws: Sequence[bytes]) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a page's records, and the records that do not fit.

    v0.1.0 records among them are taken too; the frame then has the column `record_source`.

    Args:
        raws: each record's element as it stands in the page, such as `<productInfoList>...`.
    """
    return xml_records.decode_records(raws, SHAPE, v0_xml.SHAPE)


def frame_of(cells: Cells, record_numbers: Sequence[int]) -> pl.DataFrame:
    """Return the typed frame of records.

    Raises:
        msgspec.ValidationError: a record has a value that does not fit.
    """
    made = shared_columns(cells) | _base_columns(cells) | _shipping_columns(cells)
    return columns.frame(made | _category_columns(cells), record_numbers)


def _base_columns(cells: Cells) -> dict[str, pa.Array]:
    return {
        "category_path": cells.paths("categoryPath"),
        "currency": cells.currencies(*_PRICES),
        "selling_price": cells.amounts("flipkartSellingPrice"),
        "special_price": cells.amounts("flipkartSpecialPrice"),
        "product_family": cells.families("productFamily"),
        "size": cells.texts("attributes/size"),
        "size_unit": cells.texts("attributes/sizeUnit"),
        "color": cells.texts("attributes/color"),
        "storage": cells.texts("attributes/storage"),
        "display_size": cells.texts("attributes/displaySize"),
    }


def _shipping_columns(cells: Cells) -> dict[str, pa.Array]:
    return {
        "shipping_charge": cells.amounts("shippingCharges"),
        "delivery_time": cells.texts("estimatedDeliveryTime"),
        "seller_name": cells.texts("sellerName"),
        "seller_rating": cells.numbers("sellerAverageRating"),
        "seller_rating_count": cells.counts("sellerNoOfRatings"),
        "seller_review_count": cells.counts("sellerNoOfReviews"),
    }


def _category_columns(cells: Cells) -> dict[str, pa.Array]:
    printed = [cells.strings(f"booksInfo/{name}") for name in _BOOK]
    authors = cells.members("booksInfo/authors")
    styles = [cells.members(f"lifeStyleInfo/{name}") for name in ("sleeve", "neck", "idealFor")]
    return {
        "key_specs": cells.lists("keySpecs"),
        "detailed_specs": cells.lists("detailedSpecs"),
        "book": details.books(map(BooksInfo, *printed, authors)),
        "lifestyle": details.lifestyles(map(LifeStyleInfo, *styles)),
    }


SHAPE = XmlShape(source=V1_XML, base=_BASE.name, layout=_LAYOUT, frame_of=frame_of)
"""How v1.1.0 records in XML are read."""
