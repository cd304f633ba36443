SELECT
    count(*) FILTER (is_last_category) AS delisted_count,
    count(*) FILTER (NOT is_last_category) AS shared_count
FROM departures;
