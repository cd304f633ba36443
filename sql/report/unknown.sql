SELECT unnest(getvariable('chosen')) AS product_id
EXCEPT
SELECT product_id FROM products
ORDER BY product_id;
