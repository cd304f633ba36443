-- How many products differ, by what to think of it and how.
SELECT
    verdict,
    kind,
    count(*) AS product_count
FROM mismatches
GROUP BY ALL;
