-- What failed in the last ten runs, the newest first.
WITH runs AS (
    SELECT run_id
    FROM refreshes
    GROUP BY run_id
    ORDER BY max(finished_at) DESC, run_id
    LIMIT 10
)
SELECT
    category,
    feed,
    mode,
    finished_at,
    error
FROM refreshes
WHERE status = 'failed' AND run_id IN (SELECT run_id FROM runs)
ORDER BY finished_at DESC, category
LIMIT 20;
