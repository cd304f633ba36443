-- Records that could not be taken and wait, by reason, with the newest of them as an example.
SELECT
    reason,
    count(*) AS record_count,
    count(*) FILTER (settled.outcome = 'overtaken') AS overtaken_count,
    list_sort(list(DISTINCT category))[:5] AS categories,
    count(DISTINCT category) AS category_count,
    max(record.rejected_at) AS last_rejected_at,
    arg_max(detail, record.rejected_at) AS detail
FROM rejected_records AS record
LEFT JOIN settled_records AS settled
    ON
        settled.refresh_id = record.refresh_id
        AND settled.page_number = record.page_number
        AND settled.record_number = record.record_number
GROUP BY reason
ORDER BY record_count DESC, reason
LIMIT 50;
