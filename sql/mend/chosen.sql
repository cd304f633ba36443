-- The products whose rows are written anew: by every id under which they were stored, with the id
-- under which they stay.
CREATE OR REPLACE TEMP TABLE chosen AS
WITH wrong AS (
    SELECT clean_id FROM spellings WHERE clean_id IS NOT NULL
    UNION
    SELECT product_id FROM price_history WHERE observed_at > getvariable('repaired_at')
    UNION
    SELECT product_id
    FROM products
    WHERE greatest(first_seen_at, changed_at, delisted_at) > getvariable('repaired_at')
    UNION
    SELECT product_id
    FROM product_categories
    WHERE greatest(first_seen_at, delisted_at) > getvariable('repaired_at')
)
SELECT
    coalesce(spellings.product_id, wrong.clean_id) AS product_id,
    coalesce(spellings.clean_id, wrong.clean_id) AS clean_id
FROM wrong
LEFT JOIN spellings ON spellings.product_id = wrong.clean_id
UNION
SELECT
    product_id,
    clean_id
FROM spellings
WHERE clean_id IS NOT NULL;
