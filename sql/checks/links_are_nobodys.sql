-- Every product_url is in its one form, which holds nobody's affiliate id.
SELECT
    product_id,
    product_url,
    clean_product_url(product_url) AS clean_url
FROM products
WHERE product_url IS DISTINCT FROM clean_product_url(product_url)
ORDER BY product_id;
