-- The specifications that the catalogue knows, and their commonest values.
SELECT
    category,
    name,
    count(DISTINCT product_id) AS product_count,
    mode("value") AS commonest
FROM specification_values
WHERE is_available
GROUP BY category, name
ORDER BY product_count DESC, category, name
LIMIT 20;
