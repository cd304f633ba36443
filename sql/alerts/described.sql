-- What a person wants to know of the products of some events.
SELECT product_id, title, brand, category, product_url
FROM products
WHERE list_contains(getvariable('products'), product_id);
