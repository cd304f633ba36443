-- Every product has one row for each category it is listed in, and is in products.
SELECT
    product_id,
    listing.category,
    count(*) AS row_count,
    count(product.product_id) AS product_count
FROM product_categories AS listing
LEFT JOIN products AS product USING (product_id)
GROUP BY product_id, listing.category
HAVING count(*) > 1 OR count(product.product_id) = 0
ORDER BY ALL;
