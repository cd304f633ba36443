DELETE FROM rejected_records
WHERE (refresh_id, page_number, record_number) IN (
    SELECT (refresh_id, page_number, record_number)
    FROM taken
);
