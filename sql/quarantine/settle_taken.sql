INSERT INTO settled_records
SELECT
    refresh_id,
    page_number,
    record_number,
    product_id,
    fetched_at AS rejected_at,
    'taken' AS outcome,
    replay_id AS settled_by,
    getvariable('replayed_at') AS settled_at
FROM taken;
