-- The product ids that are not in their one form, with that form; null for what is no id.
CREATE OR REPLACE TEMP TABLE spellings AS
SELECT
    product_id,
    clean_product_id(product_id) AS clean_id
FROM (
    SELECT product_id FROM products
    UNION
    SELECT product_id FROM price_history
    UNION
    SELECT product_id FROM product_categories
    UNION
    SELECT product_id FROM top_products
    UNION
    SELECT product_id FROM top_books
)
WHERE product_id IS NOT NULL AND clean_product_id(product_id) IS DISTINCT FROM product_id;
