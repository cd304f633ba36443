-- The largest falls of the day of what can be bought: each product once, by its price now.
WITH fallen AS (
    SELECT
        product_id,
        currency,
        max(old_price) AS old_price,
        max(observed_at) AS observed_at
    FROM day_changes
    WHERE amount < 0
    GROUP BY product_id, currency
)
SELECT
    product_id,
    product.title,
    product.brand,
    product.category,
    fallen.observed_at,
    currency,
    fallen.old_price,
    effective_price(product.special_price, product.selling_price) AS price,
    round(100 * (price - fallen.old_price) / fallen.old_price, 1)::DOUBLE AS percent,
    report_picture(product.image_urls) AS picture,
    report_link(product_id, product.product_url) AS link
FROM fallen
JOIN products AS product USING (product_id, currency)
WHERE product.is_available AND product.in_stock AND price < fallen.old_price
ORDER BY percent, product_id
LIMIT 24;
