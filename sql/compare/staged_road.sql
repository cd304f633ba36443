-- A category by a road that is staged, in values that every road can spell.
CREATE OR REPLACE TEMP VIEW ${road}_road AS
SELECT
    product_id,
    record_source,
    getvariable('category') AS category,
    selling_price IS NULL AS is_bare,
    ${columns}
FROM (
    SELECT * REPLACE (coalesce(is_available, true) AS is_available)
    FROM read_parquet(getvariable('${pages}'))
)
JOIN (
    SELECT
        product_id,
        page_number,
        record_number
    FROM ${winners}
) USING (product_id, page_number, record_number);
