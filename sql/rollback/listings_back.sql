-- Listings in the category that are not what they were. A product that came later leaves, as it
-- would by a delta: what the mirror has seen it keeps.
CREATE OR REPLACE TEMP TABLE listings_back AS
SELECT
    present.product_id,
    CASE
        WHEN past.product_id IS NULL THEN getvariable('merged_at')
        ELSE past.delisted_at
    END AS delisted_at
FROM (FROM product_categories WHERE category = getvariable('category')) AS present
LEFT JOIN (
    FROM product_categories AT (VERSION => getvariable('target'))
    WHERE category = getvariable('category')
) AS past USING (product_id)
WHERE CASE
    WHEN past.product_id IS NULL THEN present.delisted_at IS NULL
    ELSE present.delisted_at IS DISTINCT FROM past.delisted_at
END;
