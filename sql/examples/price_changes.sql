-- The products whose price moves most often.
SELECT
    product_id,
    count(*) AS change_count,
    min(new_price) AS lowest,
    max(new_price) AS highest
FROM price_changes
GROUP BY product_id
ORDER BY change_count DESC, product_id
LIMIT 20;
