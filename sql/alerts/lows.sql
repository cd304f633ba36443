-- The observations with a price below every price that held in the days before them, of products
-- that were known all those days. A price holds until the product's next row.
WITH known AS (
    SELECT
        product_id,
        observed_at,
        lead(observed_at) OVER by_time AS until,
        min(observed_at) OVER (PARTITION BY product_id) AS first_at,
        currency,
        coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price,
        is_available
    FROM price_history
    SEMI JOIN selected USING (product_id)
    WHERE feed NOT IN ('rollback', 'remove')
    WINDOW by_time AS (PARTITION BY product_id ORDER BY observed_at, rowid)
)
SELECT
    observed.product_id,
    observed.observed_at,
    observed.currency,
    observed.price,
    min(known.price) AS lowest
FROM observed
SEMI JOIN selected USING (product_id)
JOIN known ON
    known.product_id = observed.product_id
    AND known.currency = observed.currency
    AND known.observed_at < observed.observed_at
    AND known.until > observed.observed_at - to_seconds(getvariable('days') * 86400)
WHERE
    observed.is_available
    AND known.is_available
    AND known.first_at <= observed.observed_at - to_seconds(getvariable('days') * 86400)
GROUP BY ALL
HAVING observed.price < min(known.price)
ORDER BY observed.product_id, observed.observed_at;
