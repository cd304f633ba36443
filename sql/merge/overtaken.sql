-- Rejected records that say no more than the mirror knows: this walk has seen their products, then or
-- later; or it has listed the whole category since, and what it did not list has left. What a
-- replay takes of them must not be older than that.
CREATE OR REPLACE TEMP TABLE overtaken AS
WITH rejected AS (
    SELECT refresh_id, page_number, record_number, category, product_id, rejected_at
    FROM rejected_records
    UNION ALL
    SELECT
        getvariable('refresh_id'),
        page_number,
        record_number,
        getvariable('category'),
        product_id,
        rejected_at
    FROM rejects
)
SELECT
    rejected.refresh_id,
    rejected.page_number,
    rejected.record_number,
    rejected.product_id,
    rejected.rejected_at
FROM rejected
LEFT JOIN winners AS winner
    ON winner.product_id = rejected.product_id
    AND winner.fetched_at >= rejected.rejected_at
ANTI JOIN settled_records AS settled
    ON settled.refresh_id = rejected.refresh_id
    AND settled.page_number = rejected.page_number
    AND settled.record_number = rejected.record_number
WHERE
    winner.product_id IS NOT NULL
    OR (
        getvariable('mode') = 'full'
        AND rejected.category = getvariable('category')
        AND rejected.rejected_at < getvariable('started_at')
    );
