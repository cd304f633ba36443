"""A small shop in a lake, written row by row, so that every number of its report is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from storage.lake import LakeFolder, open_for_writing

Rows = list[dict[str, Any]]

NOW = datetime(2026, 11, 10, 6, 30, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, 6, tzinfo=UTC)
DAYS = (0, 1, 2, 4, 5, 6, 7, 8, 9)
"""Days after the first on which both categories were checked: the mirror was off on the third."""

HOSTILE = (
    "</script><script>window.owned=1</script>",
    "\"><img src=x onerror='window.owned=1'>",
    "' autofocus onfocus=window.owned=1 x='",
    "<svg/onload=window.owned=1><style>*{display:none}</style>-->",
    "{{ 7 * 7 }}{% raw %}\x1b[2J\x00\u202egnp.exe\ud7ff\u2028line\ttab",
    "javascript:window.owned=1",
)
"""Texts that mean harm to a page, a template or a terminal."""

NAMES = tuple(text.replace("\x00", "") for text in HOSTILE)
"""The same for categories: the lake finds nothing by a name that holds a NUL."""


def day(number: float, minutes: float = 0) -> datetime:
    """Return a moment so many days after the first check."""
    return FIRST + timedelta(days=number, minutes=minutes)


def write(folder: LakeFolder, tables: dict[str, Rows]) -> None:
    """Add rows to a lake's tables; a column that a row does not name is null."""
    with open_for_writing(folder) as connection:
        connection.execute("BEGIN")
        for name, rows in tables.items():
            schema = connection.execute(f"FROM {name} LIMIT 0").to_arrow_table().schema
            connection.register("rows", pa.Table.from_pylist(rows, schema=schema))
            connection.execute(f"INSERT INTO {name} FROM rows")
        connection.execute("COMMIT")


def product(product_id: str, price: int, seen: float = 0, **other: Any) -> dict[str, Any]:
    """Return a row of products, in stock in the category shoes."""
    slug = f"https://dl.flipkart.com/dl/slug/p/itm{product_id[-6:].lower()}"
    return {
        "product_id": product_id,
        "title": f"Shoe {product_id[-2:]}",
        "brand": "Hillock",
        "category": "shoes",
        "product_url": f"{slug}?pid={product_id}",
        "image_urls": [("200x200", f"http://img.feedlake.invalid/{product_id}-200x200.jpeg")],
        "currency": "INR",
        "selling_price": Decimal(price),
        "in_stock": True,
        "is_available": True,
        "feed": "product",
        "record_source": "v1.1.0 json",
        "content_hash": 1,
        "first_seen_at": day(seen, 5),
        "changed_at": day(seen, 5),
    } | other


def seen(product_id: str, at: float, price: int | None, **other: Any) -> dict[str, Any]:
    """Return a row of price_history, in stock, five minutes after that day's check began."""
    return {
        "product_id": product_id,
        "observed_at": day(at, 5),
        "currency": "INR",
        "selling_price": None if price is None else Decimal(price),
        "in_stock": True,
        "is_available": True,
        "category": "shoes",
        "feed": "product",
        "refresh_id": f"shoes-{at}",
    } | other


def checks() -> Rows:
    """Return the refreshes of both categories; kettles has failed since, a day behind."""
    rows = [
        refresh(category, number, "done", mode="full" if number == 0 else "delta")
        for number in DAYS
        for category in ("shoes", "kettles")
        if (category, number) != ("kettles", 9)
    ]
    return [*rows, refresh("kettles", 9, "failed", error="the upstream answered 500 three times")]


def refresh(category: str, number: float, status: str, **other: Any) -> dict[str, Any]:
    """Return a row of refreshes; a run a day, ten minutes long."""
    first = other.get("mode") == "full"
    return {
        "refresh_id": f"{category}-{number}",
        "run_id": f"run-{number}",
        "category": category,
        "feed": "product",
        "mode": "delta",
        "status": status,
        "from_version": None if first else int(number),
        "to_version": int(number) + 1,
        "started_at": day(number),
        "finished_at": day(number, 10),
        "page_count": 2,
        "seen_count": 8,
        "new_count": 3,
        "changed_count": 2,
        "delisted_count": 1,
        "rejected_count": 0,
    } | other


def shop() -> dict[str, Rows]:
    """Return a shop of eight products in which something of everything has happened."""
    out = {"in_stock": False}
    gone = {"is_available": False}
    products = [
        product("SHOE0000000000A1", 600),
        product("SHOE0000000000A2", 450, title="Kettle A2", category="kettles"),
        product("SHOE0000000000A3", 250),
        product("SHOE0000000000A4", 700),
        product("SHOE0000000000A5", 800),
        product("SHOE0000000000A6", 900, **gone, delisted_at=day(9, 5)),
        product("SHOE0000000000A7", 90, 9, product_url=None, image_urls=None),
        product("SHOE0000000000A8", 50, **out),
    ]
    history = [
        seen("SHOE0000000000A1", 0, 1000),
        seen("SHOE0000000000A1", 9, 600),
        seen("SHOE0000000000A2", 0, 500, category="kettles"),
        seen("SHOE0000000000A2", 9, 450, category="kettles"),
        seen("SHOE0000000000A3", 0, 200),
        seen("SHOE0000000000A3", 9, 250),
        # It was not in the catalogue from the second day to the sixth.
        seen("SHOE0000000000A4", 0, 700),
        seen("SHOE0000000000A4", 2, 700, **gone),
        seen("SHOE0000000000A4", 6, 700),
        seen("SHOE0000000000A5", 0, 800),
        seen("SHOE0000000000A5", 5, 800, **out),
        seen("SHOE0000000000A5", 9, 800),
        seen("SHOE0000000000A6", 0, 900),
        seen("SHOE0000000000A6", 9, 900, **gone),
        seen("SHOE0000000000A7", 9, 90),
        # It fell, and cannot be bought.
        seen("SHOE0000000000A8", 0, 100),
        seen("SHOE0000000000A8", 9, 50, **out),
    ]
    listings = [
        {key: row.get(key) for key in ("product_id", "category", "first_seen_at", "delisted_at")}
        for row in products
    ]
    versions = [
        {
            "category": category,
            "version": number + 1,
            "refresh_id": f"{category}-{number}",
            "mirrored_at": day(number, 10),
        }
        for category in ("shoes", "kettles")
        for number in (0, 8)
    ]
    return {
        "products": products,
        "price_history": history,
        "product_categories": listings,
        "refreshes": checks(),
        "category_versions": versions,
        "top_products": _lists("category", "shoes", [(8, "A1 A2 A3 A4"), (9, "A3 A5 A2 A1")]),
        "top_books": _lists("code", "bks", [(9, "A8 A7")]),
        "book_categories": [
            {
                "code": "bks",
                "name": "Books",
                "depth": 0,
                "path": ["Books"],
                "first_seen_at": day(0),
            }
        ],
        "rejected_records": [rejected("bad_price", 1), rejected("bad_price", 2)],
    }


def _lists(key: str, name: str, lists: list[tuple[float, str]]) -> Rows:
    return [
        {
            key: name,
            "observed_at": day(number, 7),
            "rank": rank,
            "product_id": f"SHOE0000000000{one}",
            "refresh_id": f"top-{number}",
        }
        for number, ids in lists
        for rank, one in enumerate(ids.split(), 1)
    ]


def rejected(reason: str, number: int, **other: Any) -> dict[str, Any]:
    """Return a row of rejected_records."""
    return {
        "refresh_id": "shoes-9",
        "category": "shoes",
        "feed": "product",
        "reason": reason,
        "detail": f"record {number}: the price is no number",
        "page_number": 1,
        "cursor": "c1",
        "record_number": number,
        "record_source": "v1.1.0 json",
        "raw": b"{}",
        "raw_byte_count": 2,
        "rejected_at": day(9, number),
    } | other


def hostile_shop() -> dict[str, Rows]:
    """Return a shop in which every text of the upstream means harm."""
    tables = shop()
    texts = [*HOSTILE, *HOSTILE[:2]]
    for place, (row, text) in enumerate(zip(tables["products"], texts, strict=True)):
        row |= {
            "title": text,
            "brand": text,
            "category": NAMES[place % len(NAMES)],
            "product_url": text,
            "image_urls": [("200x200", text)],
            "currency": text,
        }
    for table in ("product_categories", "refreshes", "category_versions", "top_products"):
        for place, row in enumerate(tables[table]):
            row["category"] = NAMES[place % len(NAMES)]
    for row in tables["price_history"]:
        row["currency"] = texts[int(row["product_id"][-1]) - 1]
    for row in tables["refreshes"]:
        row["error"] = row.get("error") and " ".join(HOSTILE)
    tables["rejected_records"] = [
        rejected(text, place, category=text, detail=text) for place, text in enumerate(HOSTILE)
    ]
    tables["book_categories"][0] |= {"name": HOSTILE[0], "path": list(HOSTILE[:2])}
    return tables
