-- A rejected record is settled once, by a refresh that was done; it is kept unless it was taken.
WITH settled AS (
    SELECT
        refresh_id,
        page_number,
        record_number,
        count(*) AS settled_count,
        any_value(outcome) AS outcome,
        any_value(settled_by) AS settled_by
    FROM settled_records
    GROUP BY refresh_id, page_number, record_number
),
kept AS (
    SELECT
        refresh_id,
        page_number,
        record_number,
        count(*) AS kept_count
    FROM rejected_records
    GROUP BY refresh_id, page_number, record_number
)
SELECT
    refresh_id,
    page_number,
    record_number,
    settled.outcome,
    settled.settled_count,
    coalesce(kept.kept_count, 0) AS kept_count
FROM settled
LEFT JOIN kept USING (refresh_id, page_number, record_number)
WHERE
    settled.settled_count > 1
    OR coalesce(kept.kept_count, 0) <> CASE settled.outcome WHEN 'taken' THEN 0 ELSE 1 END
    OR settled.settled_by NOT IN (SELECT refresh_id FROM refreshes WHERE status = 'done')
ORDER BY ALL;
