-- Every product has one row.
SELECT
    product_id,
    count(*) AS row_count
FROM products
GROUP BY product_id
HAVING count(*) > 1
ORDER BY product_id;
