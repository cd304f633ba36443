"""What a lake says, without the times and ids that are the mirror's own."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from feeds.sandbox.server import Sandbox
from storage.checks import check_lake
from storage.lake import LakeFolder, open_for_reading

Shown = tuple[str | None, Decimal | None, bool]
"""What a category shows of a product: title, selling price, stock."""

Stamp = tuple[int | None, int]
"""Where a category stands: its version, None for none, and how many dumps were merged."""

NOWHERE: Stamp = (None, 0)

# Which of its categories a product that is in several was last changed by depends on which of
# them was merged first.
_PARTS = {
    "products": """
        SELECT * EXCLUDE (first_seen_at, changed_at, delisted_at) REPLACE (
            CASE WHEN product_id NOT IN (FROM several) THEN category END AS category,
            CASE WHEN product_id NOT IN (FROM several) THEN feed_version END AS feed_version
        ), delisted_at IS NULL AS is_listed
        FROM products ORDER BY product_id""",
    "memberships": """
        SELECT product_id, category, delisted_at IS NULL
        FROM product_categories ORDER BY ALL""",
    "versions": """
        SELECT category, version FROM category_versions ORDER BY category, mirrored_at""",
    "price_history": """
        SELECT * EXCLUDE (observed_at, refresh_id) REPLACE (
            CASE WHEN product_id NOT IN (FROM several) THEN category END AS category
        )
        FROM price_history ORDER BY product_id, observed_at""",
    "options": """
        SELECT option_name, value, scope, scope_entry FROM lake.options()
        WHERE option_name NOT IN ('created_by', 'data_path') ORDER BY ALL""",
}
_STAMPS = """
    SELECT
        category,
        (
            SELECT arg_max(version, mirrored_at)
            FROM category_versions AS known
            WHERE known.category = refreshes.category
        ) AS version,
        count(*) FILTER (feed = 'dump' AND mode = 'dump' AND status = 'done') AS dump_count
    FROM refreshes
    GROUP BY category
    HAVING version IS NOT NULL OR dump_count > 0"""
_SEVERAL = """
    CREATE OR REPLACE TEMP TABLE several AS
    SELECT product_id FROM product_categories GROUP BY product_id HAVING count(*) > 1"""


def contents(lake: Path) -> dict[str, str]:
    """Return a hash of each table, over its rows in order."""
    return {
        name: hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()
        for name, rows in rows_of(lake).items()
    }


def rows_of(lake: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that are hashed, by table."""
    with open_for_reading(LakeFolder(lake)) as connection:
        connection.execute(_SEVERAL)
        return {name: connection.execute(query).fetchall() for name, query in _PARTS.items()}


def assert_holds_together(lake: Path) -> None:
    """Fail where one of the lake's own checks does not hold."""
    broken = [one for one in check_lake(LakeFolder(lake)) if not one.holds]
    assert broken == []


def shown_by(sandbox: Sandbox, category: str) -> dict[str, Shown]:
    """Return what the sandbox shows in a category now, by product id."""
    shown: dict[str, Shown] = {}
    for record in sandbox.truth(category):
        base = record["productBaseInfoV1"]
        selling = base["flipkartSellingPrice"]
        price = None if selling is None else Decimal(str(selling["amount"]))
        cents = None if price is None else price.quantize(Decimal("0.01"))
        shown[base["productId"]] = (base["title"], cents, base["inStock"])
    return shown


def mirrored_by(lake: Path) -> dict[str, tuple[Stamp, dict[str, Shown]]]:
    """Return where each category stands and what it shows; nothing is left out."""
    with open_for_reading(LakeFolder(lake)) as connection:
        connection.execute("BEGIN")  # one snapshot for both, beside a writer too
        stamps = {
            category: (version, dumps)
            for category, version, dumps in connection.execute(_STAMPS).fetchall()
        }
        rows = connection.execute("""
            SELECT listed.category, product_id, title, selling_price, in_stock
            FROM products FULL JOIN product_categories AS listed USING (product_id)
            WHERE listed.delisted_at IS NULL AND products.delisted_at IS NULL
        """).fetchall()
    shown: dict[str, dict[str, Shown]] = {category: {} for category in stamps}
    for category, product_id, *rest in rows:
        shown.setdefault(category, {})[product_id] = (rest[0], rest[1], rest[2])
    return {
        category: (stamps.get(category, NOWHERE), products) for category, products in shown.items()
    }
