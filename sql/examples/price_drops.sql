-- The largest price drops of the last 24 hours among products in stock.
WITH observed AS (
    SELECT
        product_id,
        observed_at,
        coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price,
        lag(coalesce(nullif(special_price, 0), nullif(selling_price, 0))) OVER (
            PARTITION BY product_id
            ORDER BY observed_at
        ) AS price_before
    FROM price_history
)
SELECT
    left(product.title, 48) AS title,
    product.category,
    observed.price_before AS was,
    observed.price AS now,
    round(100 * (observed.price_before - observed.price) / observed.price_before)::INTEGER
        AS "drop %"
FROM observed
JOIN products AS product USING (product_id)
WHERE
    observed.observed_at > now() - INTERVAL 24 HOURS
    AND observed.price < observed.price_before
    AND product.in_stock
    AND product.is_available
ORDER BY "drop %" DESC, observed.price_before DESC
LIMIT 10;
