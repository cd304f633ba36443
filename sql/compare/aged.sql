-- The products that the mirror saw change since the dump's day, or would see change with the next
-- delta.
CREATE OR REPLACE TEMP TABLE aged AS
SELECT product_id
FROM products
WHERE changed_at > getvariable('dated_at')::TIMESTAMPTZ
UNION
SELECT product_id
FROM product_categories
WHERE
    category = getvariable('category')
    AND (
        first_seen_at > getvariable('dated_at')::TIMESTAMPTZ
        OR delisted_at > getvariable('dated_at')::TIMESTAMPTZ
    )
UNION
FROM news;
