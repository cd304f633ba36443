"""The captured catalogue, mirrored: every field of every record, read by another road."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from storage.lake import LakeFolder, open_for_reading

Refresh = Callable[..., Any]
Expected = dict[str, Any]

pytestmark = pytest.mark.captures


def captured_feeds(captures: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield category and record of the 28 captured product feeds, in their order."""
    for file in sorted((captures / "v1.1.0-2016-11" / "feeds").glob("*.json.gz")):
        for record in json.loads(gzip.decompress(file.read_bytes())):
            yield file.name.removesuffix(".json.gz"), record


def expected_row(record: dict[str, Any]) -> Expected:
    """Return the row that a captured record must become, by the rules of the product schema."""
    base = record["productBaseInfoV1"]
    shipping = record["productShippingInfoV1"]
    category = record["categorySpecificInfoV1"]
    prices = [
        base["maximumRetailPrice"],
        base["flipkartSellingPrice"],
        base["flipkartSpecialPrice"],
        shipping["shippingCharges"],
    ]
    return {
        "product_id": base["productId"],
        "title": base["title"] or None,
        "description": base["productDescription"] or None,
        "brand": base["productBrand"] or None,
        "category_path": path_of(base["categoryPath"]),
        "product_url": without_affid(base["productUrl"]),
        "image_urls": base["imageUrls"] or None,
        "currency": next((price["currency"] for price in prices if price), None),
        "mrp": amount(prices[0]),
        "selling_price": amount(prices[1]),
        "special_price": amount(prices[2]),
        "shipping_charge": amount(prices[3]),
        "discount_percentage": base["discountPercentage"],
        "in_stock": base["inStock"],
        "is_available": True,
        "cod_available": base["codAvailable"],
        "emi_available": None,
        "cash_back": None,
        "offers": base["offers"] or None,
        "delivery_time": shipping["estimatedDeliveryTime"] or None,
        "size": base["attributes"]["size"] or None,
        "size_unit": base["attributes"]["sizeUnit"] or None,
        "color": base["attributes"]["color"] or None,
        "storage": base["attributes"]["storage"] or None,
        "display_size": base["attributes"]["displaySize"] or None,
        "style_code": None,
        "product_family": family(base["productFamily"]),
        "size_variants": None,
        "color_variants": None,
        "seller_name": shipping["sellerName"] or None,
        "seller_rating": shipping["sellerAverageRating"],
        "seller_rating_count": shipping["sellerNoOfRatings"],
        "seller_review_count": shipping["sellerNoOfReviews"],
        "key_specs": category["keySpecs"] or None,
        "detailed_specs": category["detailedSpecs"] or None,
        "specifications": specifications(category["specificationList"]),
        "book": book(category["booksInfo"]),
        "lifestyle": lifestyle(category["lifeStyleInfo"]),
    }


def path_of(path: str | None) -> str | None:
    """Return the names of a category path, which some records spell as nodes in JSON."""
    if path and path.startswith("[["):
        return ">".join(node["node_name"] for node in json.loads(path)[0])
    return path or None


def amount(price: dict[str, Any] | None) -> Decimal | None:
    """Return a captured price with two decimals."""
    return None if price is None else Decimal(str(price["amount"])).quantize(Decimal("0.01"))


def without_affid(url: str) -> str:
    """Cut the one parameter out of a link, leaving every other byte alone."""
    address, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith("affid="))
    return f"{address}?{kept}" if kept else address


def family(members: list[str]) -> list[str] | None:
    """Put a printed Java list together again and take it apart properly."""
    joined = ",".join(members)
    if not joined.startswith("["):
        return members or None
    return re.findall(r"[^\[\], ]+", joined) or None


def specifications(groups: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Flatten either shape of the specifications."""
    flat = []
    for group in groups:
        if "key" in group:
            named = {group["key"]: [{one["key"]: one["value"]} for one in group["values"]]}
        else:
            named = group
        for title, entries in named.items():
            for entry in entries:
                flat += [
                    {"group": title, "name": name, "values": values}
                    for name, values in entry.items()
                ]
    return flat or None


def book(info: dict[str, Any]) -> dict[str, Any] | None:
    """Return the book columns, or None where nothing is said."""
    said = {name: value or None for name, value in info.items()}
    return said if any(said.values()) else None


def lifestyle(info: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the lifestyle columns, or None where nothing is said."""
    said = {
        "sleeve": (info or {}).get("sleeve"),
        "neck": (info or {}).get("neck"),
        "ideal_for": (info or {}).get("idealFor") or None,
    }
    return said if any(said.values()) else None


def mirrored_rows(lake: Path, columns: list[str]) -> dict[str, Expected]:
    """Read the products back, as plain values."""
    names = ", ".join(f'"{name}"' for name in columns)
    with open_for_reading(LakeFolder(lake)) as connection:
        rows = connection.execute(f"SELECT {names} FROM products").fetchall()
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def differences(found: Expected, allowed: list[Expected]) -> list[str]:
    """Name the columns in which a row is like none of the records that it may come from."""
    if found in allowed:
        return []
    wanted = allowed[-1]
    return [
        f"{name}: {wanted[name]!r} != {found[name]!r}"
        for name in wanted
        if wanted[name] != found[name]
    ]


def test_every_field_of_every_captured_record_is_mirrored(
    captures: Path, refresh: Refresh, lake: Path
) -> None:
    """All 28 feeds (12,460 records) give one row a distinct id, equal to the capture.

    Of an id that stands in several feeds, or twice in one, any complete record may be the row:
    the mirror takes the later one and never a bare one over a complete one.
    """
    records: dict[str, list[Expected]] = {}
    seen = 0
    for _, record in captured_feeds(captures):
        row = expected_row(record)
        records.setdefault(row["product_id"], []).append(row)
        seen += 1
    folder = captures / "v1.1.0-2016-11"
    with Sandbox(replay=folder, page_size=100, rules=Rules(quota=0)) as sandbox:
        rows = refresh(sandbox, *sorted({name for name, _ in captured_feeds(captures)}))

    found = mirrored_rows(lake, list(next(iter(records.values()))[0]))
    wrong = {}
    for product_id, candidates in records.items():
        complete = [row for row in candidates if row["selling_price"] is not None]
        if bad := differences(found[product_id], complete or candidates):
            wrong[product_id] = bad
    assert seen == 12_460
    assert sum(row.seen_count for row in rows.values()) == 12_460
    assert records.keys() == found.keys()
    assert wrong == {}


def test_every_oddity_of_the_sample_decodes(captures: Path) -> None:
    """All 88 records of the sample of oddities become rows, none is rejected."""
    from feeds.product.v1_json import decode_records

    sample = json.loads((captures / "v1.1.0-2016-11" / "quirk_sample.json").read_bytes())
    products = [one["product"] for one in sample]
    frame, rejected = decode_records(json.dumps(products).encode())
    assert len(sample) == 88
    assert rejected == []
    for product, row in zip(products, frame.to_dicts(), strict=True):
        wanted = expected_row(product)
        row["image_urls"] = row["image_urls"] and {
            one["key"]: one["value"] for one in row["image_urls"]
        }
        row["is_available"] = True
        del row["record_number"]
        assert wanted == row


def test_every_captured_top_seller_decodes_field_by_field(captures: Path) -> None:
    """All 38 lists (7,869 records), the empty ones among them, equal to the capture."""
    from feeds.product.v1_json import decode_records

    files = sorted((captures / "v1.1.0-2016-11" / "topFeeds").glob("*.json.gz"))
    seen = 0
    for file in files:
        records = json.loads(gzip.decompress(file.read_bytes()))
        frame, rejected = decode_records(json.dumps(records).encode())
        assert rejected == []
        for record, row in zip(records, frame.to_dicts(), strict=True):
            wanted = expected_row(record) | {"is_available": None, "record_number": seen}
            row["record_number"] = seen
            row["image_urls"] = row["image_urls"] and {
                one["key"]: one["value"] for one in row["image_urls"]
            }
            assert wanted == row
            seen += 1
    assert (len(files), seen) == (38, 7_869)
