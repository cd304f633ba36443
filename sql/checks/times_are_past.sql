-- No time at which something was seen, changed or refreshed lies in the future.
WITH latest AS (
    SELECT 'products' AS table_name, 'first_seen_at' AS column_name, first_seen_at AS moment FROM products
    UNION ALL
    SELECT 'products' AS table_name, 'changed_at' AS column_name, changed_at AS moment FROM products
    UNION ALL
    SELECT 'products' AS table_name, 'delisted_at' AS column_name, delisted_at AS moment FROM products
    UNION ALL
    SELECT 'price_history' AS table_name, 'observed_at' AS column_name, observed_at AS moment FROM price_history
    UNION ALL
    SELECT 'product_categories' AS table_name, 'first_seen_at' AS column_name, first_seen_at AS moment FROM product_categories
    UNION ALL
    SELECT 'product_categories' AS table_name, 'delisted_at' AS column_name, delisted_at AS moment FROM product_categories
    UNION ALL
    SELECT 'refreshes' AS table_name, 'started_at' AS column_name, started_at AS moment FROM refreshes
    UNION ALL
    SELECT 'refreshes' AS table_name, 'finished_at' AS column_name, finished_at AS moment FROM refreshes
    UNION ALL
    SELECT 'top_products' AS table_name, 'observed_at' AS column_name, observed_at AS moment FROM top_products
    UNION ALL
    SELECT 'top_books' AS table_name, 'observed_at' AS column_name, observed_at AS moment FROM top_books
    UNION ALL
    SELECT 'book_categories' AS table_name, 'first_seen_at' AS column_name, first_seen_at AS moment FROM book_categories
    UNION ALL
    SELECT 'book_categories' AS table_name, 'delisted_at' AS column_name, delisted_at AS moment FROM book_categories
    UNION ALL
    SELECT 'rejected_records' AS table_name, 'rejected_at' AS column_name, rejected_at AS moment FROM rejected_records
)
SELECT
    table_name,
    column_name,
    count(*) AS row_count,
    max(moment) AS latest_at
FROM latest
WHERE moment > now()
GROUP BY table_name, column_name
ORDER BY table_name, column_name;
