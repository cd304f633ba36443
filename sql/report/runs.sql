SELECT
    run_id,
    min(started_at) AS started_at,
    max(finished_at) AS finished_at,
    epoch(max(finished_at)) - epoch(min(started_at)) AS seconds,
    count(*) AS refresh_count,
    count(*) FILTER (status = 'failed') AS failed_count,
    list_sort(list(DISTINCT feed)) AS feeds,
    sum(page_count)::BIGINT AS page_count,
    sum(new_count)::BIGINT AS new_count,
    sum(changed_count)::BIGINT AS changed_count,
    sum(delisted_count)::BIGINT AS delisted_count,
    sum(rejected_count)::BIGINT AS rejected_count
FROM refreshes
GROUP BY run_id
ORDER BY finished_at DESC, run_id
LIMIT 10;
