-- The lists of top sellers since the snapshot that a rule has seen, and before them the one that
-- each of their categories had then. An empty list tells of no product.
CREATE OR REPLACE TEMP TABLE lists AS
WITH new AS (
    SELECT category, observed_at, rank, product_id
    FROM ${rows}
    WHERE
        snapshot_id > getvariable('seen')
        AND product_id IS NOT NULL
        AND (len(getvariable('categories')) = 0 OR list_contains(getvariable('categories'), category))
),
old AS (
    SELECT category, observed_at, rank, product_id
    FROM top_products
    SEMI JOIN new USING (category)
    WHERE snapshot_id <= getvariable('seen') AND product_id IS NOT NULL
    QUALIFY observed_at = max(observed_at) OVER (PARTITION BY category)
)
SELECT *, true AS is_new FROM new
UNION ALL
SELECT *, false FROM old;

CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT product_id
FROM lists
WHERE is_new;
