-- FROM price_drops(days): every fall of a price that was seen in so many days up to the mirror's
-- last check, of products that the catalogue still lists. price is what it costs now: a price may
-- have risen again.
CREATE OR REPLACE MACRO price_drops(days) AS TABLE
SELECT
    product_id,
    product.title,
    product.brand,
    product.category,
    change.observed_at,
    change.currency,
    change.old_price,
    change.new_price,
    change.amount,
    change.percent,
    effective_price(product.special_price, product.selling_price) AS price,
    product.in_stock,
    product.product_url
FROM price_changes_since(last_checked_at() - days * INTERVAL 24 HOURS) AS change
JOIN products AS product USING (product_id)
WHERE change.amount < 0 AND product.is_available;
