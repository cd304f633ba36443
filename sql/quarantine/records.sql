SELECT
    reason,
    detail,
    product_id,
    category,
    feed,
    record_source,
    refresh_id,
    page_number,
    cursor,
    record_number,
    line,
    rejected_at,
    raw_byte_count,
    is_capped,
    is_overtaken,
    raw
FROM wanted
ORDER BY rejected_at DESC, refresh_id, page_number, record_number
LIMIT $most;
