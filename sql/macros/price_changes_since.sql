-- FROM price_changes_since(moment): the rows of price_changes from a moment on. Only products that
-- have changed since are looked at, which is much quicker than the whole view.
--
-- A price is compared with the last one known in the same currency, however long ago: while a
-- product was gone, or the vendor knew no price, it had none. What a rollback or a
-- removal wrote was not observed.
CREATE OR REPLACE MACRO price_changes_since(moment) AS TABLE
WITH known AS (
    SELECT
        product_id,
        observed_at,
        currency,
        category,
        effective_price(special_price, selling_price) AS price
    FROM price_history
    WHERE
        is_available
        AND feed NOT IN ('rollback', 'remove')
        AND product_id IN (SELECT product_id FROM price_history WHERE observed_at >= moment)
),
compared AS (
    SELECT
        *,
        lag(price) OVER (PARTITION BY product_id, currency ORDER BY observed_at) AS old_price
    FROM known
    WHERE price IS NOT NULL
)
SELECT
    product_id,
    observed_at,
    category,
    currency,
    old_price,
    price AS new_price,
    price - old_price AS amount,
    round(100 * (price - old_price) / old_price, 1)::DOUBLE AS percent
FROM compared
WHERE price <> old_price AND observed_at >= moment;
