-- What was seen of them. The rows of a rollback or a removal were not observed; the newest rows are enough.
SELECT
    product_id,
    observed_at,
    currency,
    effective_price(special_price, selling_price) AS price,
    in_stock,
    is_available
FROM price_history
WHERE product_id IN (SELECT unnest(getvariable('chosen'))) AND feed NOT IN ('rollback', 'remove')
QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY observed_at DESC) <= 400
ORDER BY product_id, observed_at;
