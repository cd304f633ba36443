-- Links that hold somebody's id.
UPDATE products
SET product_url = clean_product_url(product_url)
WHERE product_url IS DISTINCT FROM clean_product_url(product_url);
