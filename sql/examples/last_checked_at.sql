-- The price changes of the last day that the mirror saw, hour by hour.
SELECT
    date_trunc('hour', observed_at) AS hour,
    count(*) FILTER (amount < 0) AS fall_count,
    count(*) FILTER (amount > 0) AS rise_count
FROM price_changes_since(last_checked_at() - INTERVAL 1 DAY)
GROUP BY hour
ORDER BY hour;
