-- One product as the mirror has it.
SELECT ${columns}
FROM products
WHERE product_id = getvariable('product_id')
LIMIT 1;
