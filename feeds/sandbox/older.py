"""A v1.1.0 record in the shape of v0.1.0, which carries fewer fields under other names."""

from typing import Any

from feeds.sandbox.catalogue import Record

_EMI_FROM = 3000


def older(record: Record) -> Record:
    """The same product as v0.1.0 answers it: no seller, no specifications, one selling price."""
    base = record["productBaseInfoV1"]
    return {
        "productBaseInfo": {
            "productIdentifier": {
                "productId": base["productId"],
                "categoryPaths": {"categoryPath": [[{"title": base["categoryPath"]}]]},
            },
            "productAttributes": _attributes(base, record["categorySpecificInfoV1"]),
        },
        "productShippingBaseInfo": {"shippingOptions": None},
        "offset": None,
    }


def style_code(specific: Record) -> str | None:
    """What the specifications call the style code, in either of their two shapes."""
    for group in specific["specificationList"] or ():
        entries = group["values"] if "key" in group else next(iter(group.values()))
        for entry in entries:
            named = {entry["key"]: entry["value"]} if "key" in entry else entry
            if values := named.get("Style Code"):
                return str(values[0])
    return None


def emi_available(base: Record) -> bool | None:
    """Whether instalments are offered; the older answers leave it open for cheaper products."""
    selling = base["flipkartSellingPrice"]
    return True if selling and selling["amount"] >= _EMI_FROM else None


def family(base: Record) -> list[str]:
    """The ids of the product's family, whichever way the list is written."""
    return [one.strip(" []") for one in base["productFamily"] or () if one.strip(" []")]


def offers(base: Record) -> list[str]:
    """The offers' titles, whichever way they are written."""
    return [one["title"] if isinstance(one, dict) else one for one in base["offers"] or ()]


def _attributes(base: Record, specific: Record) -> dict[str, Any]:
    sizes = f"[{', '.join(family(base))}]"
    attributes = base["attributes"] or {}
    return {
        "title": base["title"],
        "productDescription": base["productDescription"],
        "imageUrls": base["imageUrls"],
        "maximumRetailPrice": base["maximumRetailPrice"],
        "sellingPrice": base["flipkartSellingPrice"],
        "productUrl": base["productUrl"],
        "productBrand": base["productBrand"],
        "inStock": base["inStock"],
        "isAvailable": base.get("isAvailable", True),
        "codAvailable": base["codAvailable"],
        "emiAvailable": emi_available(base),
        "discountPercentage": base["discountPercentage"],
        "cashBack": None,
        "offers": [{"title": title} for title in offers(base)],
        "size": attributes.get("size") or None,
        "color": attributes.get("color", ""),
        "sizeUnit": attributes.get("sizeUnit", ""),
        "sizeVariants": sizes,
        "colorVariants": sizes if attributes.get("color") else None,
        "styleCode": style_code(specific),
    }
