-- FROM gone_products(days): products that left their last category in so many days up to the
-- mirror's last check, with what they cost when they left.
CREATE OR REPLACE MACRO gone_products(days) AS TABLE
SELECT
    product_id,
    title,
    brand,
    category,
    first_seen_at,
    delisted_at,
    currency,
    effective_price(special_price, selling_price) AS last_price,
    in_stock AS was_in_stock,
    product_url
FROM products
WHERE delisted_at >= last_checked_at() - days * INTERVAL 24 HOURS;
