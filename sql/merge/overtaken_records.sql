INSERT INTO settled_records
SELECT
    refresh_id,
    page_number,
    record_number,
    product_id,
    rejected_at,
    'overtaken',
    getvariable('refresh_id'),
    getvariable('merged_at')
FROM overtaken;
