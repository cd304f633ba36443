-- A row says what holds from now on, where that is something else than the history's last row says.
INSERT INTO price_history BY NAME
SELECT
    product_id,
    getvariable('repaired_at') AS observed_at,
    product.currency,
    product.mrp,
    product.selling_price,
    product.special_price,
    product.in_stock,
    standing.is_available,
    product.category,
    'repair' AS feed,
    getvariable('refresh_id') AS refresh_id
FROM standings AS standing
JOIN products AS product USING (product_id)
JOIN (
    SELECT
        product_id,
        arg_max(is_available, observed_at) AS is_available
    FROM price_history
    SEMI JOIN standings USING (product_id)
    GROUP BY product_id
) AS last_row USING (product_id)
WHERE standing.is_available <> last_row.is_available;
