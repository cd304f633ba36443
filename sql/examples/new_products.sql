-- What is new this week, by brand.
SELECT
    brand,
    count(*) AS product_count,
    min(price) AS cheapest,
    max(first_seen_at) AS last_seen_at
FROM new_products(7)
GROUP BY brand
ORDER BY product_count DESC, brand
LIMIT 20;
