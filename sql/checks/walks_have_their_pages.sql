-- Every refresh has as many pages and records as it says, and every page has its refresh.
WITH walked AS (
    SELECT
        refresh_id,
        count(*) AS page_count,
        count(DISTINCT page_number) AS number_count,
        max(page_number) AS last_page,
        sum(record_count) AS seen_count,
        sum(rejected_count) AS rejected_count
    FROM walk_pages
    GROUP BY refresh_id
)
SELECT
    refresh_id,
    refresh.category,
    refresh.mode,
    refresh.page_count,
    walked.page_count AS found_page_count,
    walked.last_page,
    refresh.seen_count,
    walked.seen_count AS found_seen_count
FROM (
    FROM refreshes WHERE status = 'done' AND mode NOT IN ('skip', 'rollback', 'remove', 'replay', 'unlisted')
) AS refresh
FULL JOIN walked USING (refresh_id)
WHERE
    refresh.page_count IS DISTINCT FROM coalesce(walked.page_count, 0)
    OR refresh.page_count IS DISTINCT FROM coalesce(walked.number_count, 0)
    OR refresh.seen_count IS DISTINCT FROM coalesce(walked.seen_count, 0)
    OR refresh.rejected_count IS DISTINCT FROM coalesce(walked.rejected_count, 0)
    OR (
        refresh.mode IN ('full', 'delta', 'in_stock')
        AND walked.last_page IS DISTINCT FROM refresh.page_count
    )
ORDER BY refresh_id;
