SELECT
    change,
    count(*) AS product_count
FROM changes
GROUP BY change;
