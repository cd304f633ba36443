-- The list of this walk: a rank runs on over the pages and counts rejected records.
CREATE OR REPLACE TEMP TABLE ranking AS
SELECT
    getvariable('category') AS list,
    step.records_before + staged.record_number + 1 AS rank,
    staged.product_id,
    staged.fetched_at
FROM staged_records AS staged
JOIN (
    SELECT page_number, sum(record_count) OVER (ORDER BY page_number) - record_count AS records_before
    FROM walk_steps
) AS step USING (page_number);

CREATE OR REPLACE TEMP TABLE walked_lists AS
SELECT
    getvariable('category') AS list,
    max(fetched_at) AS fetched_at
FROM walk_steps;
