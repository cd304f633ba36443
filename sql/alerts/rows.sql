-- Each observation of a selected product in its order, with how the product stood before them all.
SELECT
    observed.product_id,
    observed.observed_at,
    observed.currency,
    observed.price,
    observed.in_stock,
    observed.is_available,
    before.product_id IS NOT NULL AS was_known,
    before.currency AS currency_before,
    before.price AS price_before,
    before.in_stock AS in_stock_before,
    before.is_available AS is_available_before
FROM observed
SEMI JOIN selected USING (product_id)
LEFT JOIN before USING (product_id)
ORDER BY observed.product_id, observed.observed_at, observed.snapshot_id, observed.place;
