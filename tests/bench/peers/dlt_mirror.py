"""The same products by dlt, as its users write it: walk the chain, yield records, merge.

python dlt_mirror.py URL AFFILIATE_ID TOKEN [DEPTH], in an empty folder. Prints a line of JSON.
DEPTH is how deep lists become tables of their own: by default as deep as they go, as dlt does; 0
keeps them as JSON in their row, which is what makes dlt quick here.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import dlt
import requests

URL, AFFILIATE_ID, TOKEN, *DEPTH = sys.argv[1:]
HEADERS = {"Fk-Affiliate-Id": AFFILIATE_ID, "Fk-Affiliate-Token": TOKEN}
SUM = "SELECT count(*), sum(price) FROM shop.products"


def keyed(base: dict[str, Any]) -> dict[str, Any]:
    """Return what tells records apart, and which of two is complete."""
    price = base["flipkartSellingPrice"]
    return {"product_id": base["productId"], "price": price and price["amount"]}


@dlt.resource(
    name="products",
    write_disposition="merge",
    primary_key="product_id",
    columns={"price": {"data_type": "double", "dedup_sort": "desc"}},
    max_table_nesting=int(DEPTH[0]) if DEPTH else None,
)
def products() -> Iterator[list[dict[str, Any]]]:
    """Yield every page of every category."""
    session = requests.Session()
    session.headers.update(HEADERS)
    directory = session.get(f"{URL}/affiliate/api/{AFFILIATE_ID}.json", timeout=60).json()
    listings = directory["apiGroups"]["affiliate"]["apiListings"]
    for listing in listings.values():
        url = listing["availableVariants"]["v1.1.0"]["get"]
        while url and url != "null":
            page = session.get(url, timeout=60).json()
            records = page.get("products") or page["productInfoList"]
            yield [record | keyed(record["productBaseInfoV1"]) for record in records]
            url = page.get("nextUrl")


began = time.perf_counter()
pipeline = dlt.pipeline("catalogue", destination="duckdb", dataset_name="shop", pipelines_dir=".")
pipeline.run(products())
seconds = time.perf_counter() - began
with pipeline.sql_client() as client:
    ((count, total),) = client.execute_sql(SUM)
sys.stdout.write(json.dumps({"seconds": seconds, "count": count, "sum": float(total)}) + "\n")
