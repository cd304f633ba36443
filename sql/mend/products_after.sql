-- The rows of the chosen products, one an id: what is listed and was seen last says most, and the
-- others what it does not say. Prices and stock are those of the history's last row.
CREATE OR REPLACE TEMP TABLE products_after AS
WITH merged AS (
    SELECT
        chosen.clean_id AS clean_id,
        any_value(
            COLUMNS(product.* EXCLUDE (product_id, first_seen_at, changed_at, delisted_at))
            ORDER BY product.delisted_at IS NULL DESC, product.changed_at DESC
        ),
        min(product.first_seen_at) AS first_seen_at,
        max(product.changed_at) AS changed_at,
        max(product.delisted_at) AS delisted_at
    FROM products AS product
    JOIN chosen USING (product_id)
    GROUP BY chosen.clean_id
)
SELECT
    merged.* REPLACE (
        coalesce(last_row.currency, merged.currency) AS currency,
        CASE WHEN last_row.product_id IS NULL THEN merged.mrp ELSE last_row.mrp END AS mrp,
        CASE
            WHEN last_row.product_id IS NULL THEN merged.selling_price
            ELSE last_row.selling_price
        END AS selling_price,
        CASE
            WHEN last_row.product_id IS NULL THEN merged.special_price
            ELSE last_row.special_price
        END AS special_price,
        CASE
            WHEN last_row.product_id IS NULL THEN merged.in_stock
            ELSE last_row.in_stock
        END AS in_stock,
        coalesce(last_row.is_available, merged.is_available) AS is_available,
        CASE
            WHEN merged.first_seen_at > getvariable('repaired_at')
                THEN coalesce(last_row.first_observed_at, getvariable('repaired_at'))
            ELSE merged.first_seen_at
        END AS first_seen_at,
        CASE
            WHEN merged.changed_at > getvariable('repaired_at')
                THEN coalesce(last_row.observed_at, getvariable('repaired_at'))
            ELSE merged.changed_at
        END AS changed_at,
        CASE
            WHEN coalesce(last_row.is_available, merged.delisted_at IS NULL) THEN NULL
            WHEN coalesce(merged.delisted_at, last_row.observed_at) > getvariable('repaired_at')
                THEN coalesce(last_row.observed_at, getvariable('repaired_at'))
            ELSE coalesce(merged.delisted_at, last_row.observed_at)
        END AS delisted_at
    )
FROM merged
LEFT JOIN last_rows AS last_row ON last_row.product_id = merged.clean_id;
