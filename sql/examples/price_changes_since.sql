-- How prices moved in the last three days, category by category.
SELECT
    category,
    count(*) AS change_count,
    round(avg(percent), 1) AS "average %"
FROM price_changes_since(last_checked_at() - INTERVAL 3 DAYS)
GROUP BY category
ORDER BY change_count DESC;
