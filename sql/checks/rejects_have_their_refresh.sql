-- Every refresh has as many rejected records as it says, but for those taken since; none lacks one.
WITH kept AS (
    SELECT
        refresh_id,
        count(*) AS rejected_count
    FROM (
        SELECT refresh_id FROM rejected_records
        UNION ALL
        SELECT refresh_id FROM settled_records WHERE outcome = 'taken'
    )
    GROUP BY refresh_id
)
SELECT
    refresh_id,
    refresh.category,
    refresh.rejected_count,
    kept.rejected_count AS found_rejected_count
FROM (FROM refreshes WHERE status = 'done') AS refresh
FULL JOIN kept USING (refresh_id)
WHERE refresh.rejected_count IS DISTINCT FROM coalesce(kept.rejected_count, 0)
ORDER BY refresh_id;
