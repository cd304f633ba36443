-- What was observed stays; a row says what holds from now on, where that is something else.
INSERT INTO price_history BY NAME
SELECT
    back.product_id,
    back.changed_at AS observed_at,
    back.currency,
    back.mrp,
    back.selling_price,
    back.special_price,
    back.in_stock,
    back.is_available,
    getvariable('category') AS category,
    'rollback' AS feed,
    getvariable('refresh_id') AS refresh_id
FROM products_back AS back
JOIN products AS present USING (product_id)
WHERE
    back.currency IS DISTINCT FROM present.currency
    OR back.mrp IS DISTINCT FROM present.mrp
    OR back.selling_price IS DISTINCT FROM present.selling_price
    OR back.special_price IS DISTINCT FROM present.special_price
    OR back.in_stock IS DISTINCT FROM present.in_stock
    OR back.is_available <> present.is_available;
