INSERT INTO walk_pages BY NAME
SELECT
    getvariable('refresh_id') AS refresh_id,
    page_number,
    cursor,
    next_cursor,
    last_product_id,
    record_count,
    rejected_count,
    byte_count,
    content_hash,
    fetched_at
FROM walk_steps
ORDER BY page_number;
