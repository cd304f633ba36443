-- Every currency is in its one form: in capitals, without blanks around it, and null where there is none.
WITH amounts AS (
    SELECT
        'products' AS table_name,
        product_id,
        currency
    FROM products
    UNION ALL
    SELECT
        'price_history' AS table_name,
        product_id,
        currency
    FROM price_history
)
SELECT
    product_id,
    currency,
    list_sort(list_distinct(list(table_name))) AS tables,
    count(*) AS row_count
FROM amounts
WHERE currency IS DISTINCT FROM clean_currency(currency)
GROUP BY product_id, currency
ORDER BY product_id, currency;
