-- How fresh each category is. Refreshes by hand of what was (rollback) and lists are no checks.
CREATE OR REPLACE VIEW category_freshness AS
WITH checked AS (
    SELECT
        category,
        max(started_at) FILTER (status = 'done') AS checked_at,
        count(*) FILTER (
            status = 'failed'
            AND started_at > coalesce(last_done_at, '-infinity'::TIMESTAMPTZ)
        ) AS failed_count,
        arg_max(error, started_at) FILTER (
            status = 'failed'
            AND started_at > coalesce(last_done_at, '-infinity'::TIMESTAMPTZ)
        ) AS last_error
    FROM (
        SELECT
            *,
            max(started_at) FILTER (status = 'done') OVER (PARTITION BY category) AS last_done_at
        FROM refreshes
        WHERE feed = 'product' AND mode IN ('full', 'delta', 'skip')
    )
    GROUP BY category
)
SELECT
    category,
    standing.version,
    standing.mirrored_at,
    checked.checked_at,
    round((epoch(now()) - epoch(checked.checked_at)) / 3600, 1) AS hours_since_check,
    round(
        (epoch(max(checked.checked_at) OVER ()) - epoch(checked.checked_at)) / 3600, 1
    ) AS lag_hours,
    checked.failed_count,
    checked.last_error
FROM checked
JOIN category_standing AS standing USING (category);

COMMENT ON VIEW category_freshness IS 'One category and how fresh the mirror of it is: version it stands at, mirrored_at when that version came, checked_at when the last successful check began (a full walk, a delta, or the answer that nothing is new), hours_since_check until now, lag_hours behind the category that was checked last, failed_count of refreshes since checked_at, last_error of them. Null where no check succeeded yet. Times are UTC.';
