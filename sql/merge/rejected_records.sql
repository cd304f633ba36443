INSERT INTO rejected_records BY NAME
SELECT
    getvariable('refresh_id') AS refresh_id,
    getvariable('category') AS category,
    getvariable('feed') AS feed,
    getvariable('page_source') AS record_source,
    getvariable('header') AS header,
    *
FROM rejects;
