-- What each of the last 30 days brought (UTC). A category's first walk shows what was there, not
-- what is new.
SELECT
    epoch_us(finished_at) // 86_400_000_000 AS day,
    sum(new_count) FILTER (from_version IS NOT NULL OR mode <> 'full')::BIGINT AS new_count,
    sum(changed_count)::BIGINT AS changed_count,
    sum(delisted_count)::BIGINT AS delisted_count,
    count(*) FILTER (status = 'failed') AS failed_count
FROM refreshes
WHERE feed IN ('product', 'dump') AND finished_at > last_checked_at() - INTERVAL 30 DAYS
GROUP BY ALL
ORDER BY day;
