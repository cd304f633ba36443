-- The records to read again, oldest first within what is merged together.
SELECT
    category,
    feed,
    record_source,
    header,
    refresh_id,
    page_number,
    record_number,
    rejected_at,
    raw
FROM wanted
WHERE NOT is_capped AND NOT is_overtaken
ORDER BY category, feed, record_source, header, rejected_at, page_number, record_number;
