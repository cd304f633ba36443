-- FROM restocked(days): products in stock that were seen out of stock before and came back in so
-- many days up to the mirror's last check. Only products with news of those days are looked at.
CREATE OR REPLACE MACRO restocked(days) AS TABLE
WITH seen AS (
    SELECT
        product_id,
        observed_at,
        in_stock
    FROM price_history
    WHERE
        is_available
        AND feed NOT IN ('rollback', 'remove')
        AND in_stock IS NOT NULL
        AND product_id IN (
            SELECT product_id
            FROM price_history
            WHERE observed_at >= last_checked_at() - days * INTERVAL 24 HOURS
        )
),
turns AS (
    FROM seen
    QUALIFY
        in_stock IS DISTINCT FROM lag(in_stock) OVER (PARTITION BY product_id ORDER BY observed_at)
),
last_turn AS (
    SELECT
        product_id,
        observed_at AS restocked_at,
        lag(observed_at) OVER (PARTITION BY product_id ORDER BY observed_at) AS sold_out_at
    FROM turns
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY observed_at DESC) = 1
)
SELECT
    product_id,
    product.title,
    product.brand,
    product.category,
    last_turn.sold_out_at,
    last_turn.restocked_at,
    product.currency,
    effective_price(product.special_price, product.selling_price) AS price,
    product.product_url
FROM last_turn
JOIN products AS product USING (product_id)
WHERE
    product.is_available
    AND product.in_stock
    AND last_turn.sold_out_at IS NOT NULL
    AND last_turn.restocked_at >= last_checked_at() - days * INTERVAL 24 HOURS;
