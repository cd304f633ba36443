"""The columns of a dump, and how each is read off a record.

Lists are joined, a product's link names no tracking id, and a path is always text.
"""

import json
from collections.abc import Callable
from typing import Any

from feeds.sandbox.catalogue import Record
from feeds.sandbox.form import Api
from feeds.sandbox.older import emi_available, family, offers, style_code


def _base(name: str) -> Callable[[Record], Any]:
    return lambda record: record["productBaseInfoV1"].get(name)


def _amount(name: str) -> Callable[[Record], Any]:
    return lambda record: (record["productBaseInfoV1"][name] or {}).get("amount")


def _attribute(name: str) -> Callable[[Record], Any]:
    return lambda record: (record["productBaseInfoV1"]["attributes"] or {}).get(name)


def _shipping(name: str) -> Callable[[Record], Any]:
    return lambda record: record["productShippingInfoV1"][name]


def _joined(name: str) -> Callable[[Record], str]:
    return lambda record: ";".join(record["categorySpecificInfoV1"][name] or ())


def _style(name: str) -> Callable[[Record], Any]:
    def value(record: Record) -> Any:
        found = (record["categorySpecificInfoV1"]["lifeStyleInfo"] or {}).get(name)
        return ",".join(found) if isinstance(found, list) else found

    return value


def _images(record: Record) -> str:
    images = record["productBaseInfoV1"]["imageUrls"]
    original = [images["unknown"]] if "unknown" in images else []
    return ";".join(original + [url for size, url in images.items() if size != "unknown"])


def _plain_link(record: Record) -> str:
    link: str = record["productBaseInfoV1"]["productUrl"]
    return link.split("&affid=", maxsplit=1)[0]


def _path(record: Record) -> str:
    path: str = record["productBaseInfoV1"]["categoryPath"] or ""
    if path.startswith("[["):
        return ">".join(node["node_name"] for node in json.loads(path)[0])
    return path


def _family(record: Record) -> str:
    return ",".join(family(record["productBaseInfoV1"]))


def _colors(record: Record) -> str:
    attributes = record["productBaseInfoV1"]["attributes"] or {}
    return _family(record) if attributes.get("color") else ""


def _offers(record: Record) -> str:
    return ";".join(offers(record["productBaseInfoV1"]))


def _charges(record: Record) -> Any:
    return (record["productShippingInfoV1"]["shippingCharges"] or {}).get("amount")


def _nothing(_: Record) -> None:
    return None


COLUMNS: dict[Api, dict[str, Callable[[Record], Any]]] = {
    "v1.1.0": {
        "productId": _base("productId"),
        "title": _base("title"),
        "description": _base("productDescription"),
        "imageUrlStr": _images,
        "mrp": _amount("maximumRetailPrice"),
        "sellingPrice": _amount("flipkartSellingPrice"),
        "specialPrice": _amount("flipkartSpecialPrice"),
        "productUrl": _plain_link,
        "categories": _path,
        "productBrand": _base("productBrand"),
        "productFamily": _family,
        "inStock": _base("inStock"),
        "codAvailable": _base("codAvailable"),
        "offers": _offers,
        "discount": _base("discountPercentage"),
        "shippingCharges": _charges,
        "deliveryTime": _shipping("estimatedDeliveryTime"),
        "size": _attribute("size"),
        "color": _attribute("color"),
        "sizeUnit": _attribute("sizeUnit"),
        "storage": _attribute("storage"),
        "displaySize": _attribute("displaySize"),
        "keySpecsStr": _joined("keySpecs"),
        "detailedSpecsStr": _joined("detailedSpecs"),
        "specificationList": _nothing,
        "sellerName": _shipping("sellerName"),
        "sellerAverageRating": _shipping("sellerAverageRating"),
        "sellerNoOfRatings": _shipping("sellerNoOfRatings"),
        "sellerNoOfReviews": _shipping("sellerNoOfReviews"),
        "sleeve": _style("sleeve"),
        "neck": _style("neck"),
        "idealFor": _style("idealFor"),
    },
    "v0.1.0": {
        "productId": _base("productId"),
        "title": _base("title"),
        "description": _base("productDescription"),
        "imageUrlStr": _images,
        "mrp": _amount("maximumRetailPrice"),
        "price": _amount("flipkartSellingPrice"),
        "productUrl": _plain_link,
        "categories": _path,
        "productBrand": _base("productBrand"),
        "deliveryTime": _shipping("estimatedDeliveryTime"),
        "inStock": _base("inStock"),
        "codAvailable": _base("codAvailable"),
        "emiAvailable": lambda record: emi_available(record["productBaseInfoV1"]),
        "offers": _offers,
        "discount": _base("discountPercentage"),
        "cashBack": _nothing,
        "size": _attribute("size"),
        "color": _attribute("color"),
        "sizeUnit": _attribute("sizeUnit"),
        "sizeVariants": _family,
        "colorVariants": _colors,
        "styleCode": lambda record: style_code(record["categorySpecificInfoV1"]),
    },
}
"""The columns of each version in their order, and how each is read off a record."""
