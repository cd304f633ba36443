-- Products whose feeds gave no link of the shop's, with the one that their id makes.
SELECT
    product_id,
    coalesce(product_url, canonical_url(product_id)) AS url
FROM products
WHERE is_available
ORDER BY product_url NULLS FIRST, product_id
LIMIT 20;
