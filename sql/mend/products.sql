INSERT INTO products BY NAME
SELECT
    clean_id AS product_id,
    * EXCLUDE (clean_id)
FROM products_after;
