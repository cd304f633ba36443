-- A category by the road of a full walk, in values that every road can spell.
CREATE OR REPLACE TEMP VIEW walk_road AS
SELECT
    product_id,
    record_source,
    getvariable('category') AS category,
    selling_price IS NULL AS is_bare,
    ${columns}
FROM (
    SELECT * REPLACE (coalesce(is_available, true) AS is_available)
    FROM read_parquet(getvariable('walk_pages'))
)
JOIN (
    SELECT
        product_id,
        page_number,
        record_number
    FROM walk_winners
) USING (product_id, page_number, record_number);
