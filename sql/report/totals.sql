SELECT
    (SELECT id FROM lake.current_snapshot()) AS snapshot,
    last_checked_at() AS checked_at,
    count(*) FILTER (is_available) AS listed_count,
    count(*) FILTER (is_available AND in_stock) AS in_stock_count,
    (SELECT count(*) FROM day_changes) AS change_count,
    (SELECT count(*) FROM day_changes WHERE amount < 0) AS drop_count,
    (SELECT count(*) FROM day_changes WHERE amount > 0) AS rise_count
FROM products;
