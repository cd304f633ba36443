-- Their rows as they are to be. Whatever the row, a product is available while a category lists it;
-- one seen in no category's feed is as available as its row says.
CREATE OR REPLACE TEMP TABLE products_back AS
WITH wanted AS (
    FROM products AT (VERSION => getvariable('target'))
    WHERE product_id IN (SELECT product_id FROM touched WHERE goes_back)
    UNION ALL BY NAME
    FROM products
    WHERE product_id IN (SELECT product_id FROM touched WHERE NOT goes_back)
)
SELECT
    wanted.* REPLACE (
        coalesce(listed.is_listed, wanted.is_available) AS is_available,
        greatest(
            getvariable('merged_at'), present.changed_at + INTERVAL 1 microsecond
        ) AS changed_at,
        CASE
            WHEN NOT coalesce(listed.is_listed, wanted.is_available)
                THEN coalesce(wanted.delisted_at, getvariable('merged_at'))
        END AS delisted_at
    )
FROM wanted
JOIN products AS present USING (product_id)
LEFT JOIN listed USING (product_id);
