INSERT INTO refreshes BY NAME
SELECT
    getvariable('refresh_id') AS refresh_id,
    getvariable('refresh_id') AS run_id,
    getvariable('category') AS category,
    'product' AS feed,
    'rollback' AS mode,
    'done' AS status,
    getvariable('from_version') AS from_version,
    getvariable('version') AS to_version,
    getvariable('finished_at') AS started_at,
    getvariable('finished_at') AS finished_at,
    0 AS page_count,
    0 AS seen_count,
    0 AS new_count,
    getvariable('changed_count') AS changed_count,
    getvariable('delisted_count') AS delisted_count,
    0 AS rejected_count;
