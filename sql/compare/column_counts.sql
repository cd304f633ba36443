-- In how many products each column is wrong, the worst first.
SELECT
    column_name,
    count(*) AS product_count
FROM (
    SELECT unnest(column_names) AS column_name
    FROM mismatches
    WHERE verdict = 'wrong'
)
GROUP BY column_name
ORDER BY product_count DESC, column_name;
