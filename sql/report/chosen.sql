-- The products whose prices are drawn, in the order asked for, and until when each was watched.
WITH asked AS (
    SELECT
        unnest(getvariable('chosen')) AS product_id,
        generate_subscripts(getvariable('chosen'), 1) AS place
),
watched AS (
    SELECT
        product_id,
        max(freshness.checked_at) AS watched_until
    FROM product_categories
    JOIN category_freshness AS freshness USING (category)
    WHERE product_id IN (SELECT product_id FROM asked)
    GROUP BY product_id
)
SELECT
    product_id,
    product.title,
    product.brand,
    product.category,
    product.currency,
    effective_price(product.special_price, product.selling_price) AS price,
    product.in_stock,
    product.is_available,
    watched.watched_until,
    report_picture(product.image_urls) AS picture,
    report_link(product_id, product.product_url) AS link
FROM asked
JOIN products AS product USING (product_id)
LEFT JOIN watched USING (product_id)
ORDER BY asked.place;
