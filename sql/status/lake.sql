SELECT
    (SELECT id FROM lake.current_snapshot()) AS snapshot,
    count(*) FILTER (is_available) AS product_count,
    count(*) FILTER (NOT is_available) AS gone_count,
    (SELECT count(*) FROM price_history) AS history_count,
    (SELECT count(*) FROM rejected_records) AS rejected_count
FROM products;
