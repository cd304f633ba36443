"""The same products by requests and pandas, as people write it: flatten all, drop the doubles.

python pandas_mirror.py URL AFFILIATE_ID TOKEN, in an empty folder. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pandas as pd
import requests

URL, AFFILIATE_ID, TOKEN = sys.argv[1:4]
HEADERS = {"Fk-Affiliate-Id": AFFILIATE_ID, "Fk-Affiliate-Token": TOKEN}
ID, PRICE = "productBaseInfoV1.productId", "productBaseInfoV1.flipkartSellingPrice.amount"

began = time.perf_counter()
session = requests.Session()
session.headers.update(HEADERS)
directory = session.get(f"{URL}/affiliate/api/{AFFILIATE_ID}.json", timeout=60).json()
records: list[dict[str, Any]] = []
for listing in directory["apiGroups"]["affiliate"]["apiListings"].values():
    url = listing["availableVariants"]["v1.1.0"]["get"]
    while url and url != "null":
        page = session.get(url, timeout=60).json()
        records += page.get("products") or page["productInfoList"]
        url = page.get("nextUrl")
table = pd.json_normalize(records)
# A record without prices stands in for its complete twin where there is no other.
table = table.sort_values(PRICE, na_position="first").drop_duplicates(ID, keep="last")
table.astype(str).to_parquet("products.parquet")
seconds = time.perf_counter() - began
answer = {"seconds": seconds, "count": len(table), "sum": float(table[PRICE].sum())}
sys.stdout.write(json.dumps(answer) + "\n")
