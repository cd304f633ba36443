-- One product on a road.
SELECT ${columns}
FROM ${road}
WHERE product_id = getvariable('product_id')
LIMIT 1;
