SELECT
    reason,
    category,
    feed,
    count(*) AS record_count,
    count(DISTINCT product_id) AS product_count,
    count(*) FILTER (is_capped) AS capped_count,
    count(*) FILTER (is_overtaken) AS overtaken_count,
    min(rejected_at) AS first_rejected_at,
    max(rejected_at) AS last_rejected_at
FROM wanted
GROUP BY reason, category, feed
ORDER BY record_count DESC, reason, category, feed;
