-- The states that runs of a command left, the newest first: what a run committed feed by feed is one row.
WITH
commits AS (
    SELECT
        snapshot_id,
        snapshot_time,
        commit_message,
        commit_extra_info ->> '$.refresh_id' AS refresh_id
    FROM lake.snapshots()
    WHERE snapshot_id > 0
),
runs AS (
    SELECT
        run_id,
        count(*) AS refresh_count,
        count(*) FILTER (status = 'failed') AS failed_count,
        sum(new_count)::BIGINT AS new_count,
        sum(changed_count)::BIGINT AS changed_count,
        sum(delisted_count)::BIGINT AS delisted_count
    FROM refreshes
    GROUP BY run_id
),
named AS (
    SELECT
        commits.*,
        coalesce(refreshes.run_id, commits.refresh_id, commits.snapshot_id::VARCHAR) AS run_id
    FROM commits
    LEFT JOIN refreshes USING (refresh_id)
),
states AS (
    SELECT
        run_id,
        max(snapshot_id) AS snapshot,
        max(snapshot_time) AS committed_at,
        max_by(commit_message, snapshot_id) AS message
    FROM named
    GROUP BY run_id
)
SELECT
    snapshot,
    committed_at,
    CASE
        WHEN failed_count > 0 THEN format('refresh {} feeds, {} failed', refresh_count, failed_count)
        WHEN refresh_count > 1 THEN format('refresh {} feeds', refresh_count)
        ELSE message
    END AS what,
    new_count,
    changed_count,
    delisted_count
FROM states
LEFT JOIN runs USING (run_id)
ORDER BY snapshot DESC
LIMIT getvariable('row_limit');
