-- Every product id is in its one form, without blanks and invisible characters at its ends.
WITH ids AS (
    SELECT
        'products' AS table_name,
        product_id
    FROM products
    UNION ALL
    SELECT
        'price_history' AS table_name,
        product_id
    FROM price_history
    UNION ALL
    SELECT
        'product_categories' AS table_name,
        product_id
    FROM product_categories
    UNION ALL
    SELECT
        'top_products' AS table_name,
        product_id
    FROM top_products
    UNION ALL
    SELECT
        'top_books' AS table_name,
        product_id
    FROM top_books
)
SELECT
    product_id,
    clean_product_id(product_id) AS clean_id,
    list_sort(list_distinct(list(table_name))) AS tables,
    count(*) AS row_count
FROM ids
WHERE product_id IS NOT NULL AND clean_product_id(product_id) IS DISTINCT FROM product_id
GROUP BY product_id
ORDER BY product_id;
