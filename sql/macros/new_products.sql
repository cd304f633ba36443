-- FROM new_products(days): products that the mirror first saw in so many days up to its last check
-- and that are still listed. A category's first walk shows what was there, not what is new: its
-- products are left out.
CREATE OR REPLACE MACRO new_products(days) AS TABLE
WITH first_walk AS (
    SELECT
        category,
        min(finished_at) AS finished_at
    FROM refreshes
    WHERE
        feed IN ('product', 'books')
        AND status = 'done'
        AND mode IN ('full', 'delta', 'skip', 'list')
    GROUP BY category
)
SELECT
    product.product_id,
    product.title,
    product.brand,
    product.category,
    product.first_seen_at,
    product.currency,
    effective_price(product.special_price, product.selling_price) AS price,
    product.in_stock,
    product.product_url
FROM products AS product
LEFT JOIN first_walk USING (category)
WHERE
    product.is_available
    AND product.first_seen_at >= last_checked_at() - days * INTERVAL 24 HOURS
    AND coalesce(product.first_seen_at > first_walk.finished_at, true);
