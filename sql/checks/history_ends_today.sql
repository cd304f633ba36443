-- The last row of a product's history says the prices, stock and availability of its row.
WITH last_seen AS (
    SELECT
        product_id,
        max(observed_at) AS observed_at
    FROM price_history
    GROUP BY product_id
),
last_row AS (
    SELECT history.*
    FROM price_history AS history
    JOIN last_seen USING (product_id, observed_at)
)
SELECT
    product_id,
    last_row.observed_at,
    product.changed_at,
    product.selling_price,
    last_row.selling_price AS last_selling_price,
    product.special_price,
    last_row.special_price AS last_special_price,
    product.in_stock,
    last_row.in_stock AS last_in_stock,
    product.is_available,
    last_row.is_available AS last_is_available
FROM products AS product
FULL JOIN last_row USING (product_id)
WHERE
    product.is_available IS NULL
    OR last_row.is_available IS NULL
    OR product.currency IS DISTINCT FROM last_row.currency
    OR product.mrp IS DISTINCT FROM last_row.mrp
    OR product.selling_price IS DISTINCT FROM last_row.selling_price
    OR product.special_price IS DISTINCT FROM last_row.special_price
    OR product.in_stock IS DISTINCT FROM last_row.in_stock
    OR product.is_available <> last_row.is_available
ORDER BY product_id;
