-- A category by the road of the mirror, its base and the deltas since, in values that every road
-- can spell.
CREATE OR REPLACE TEMP VIEW mirror_road AS
SELECT
    product_id,
    record_source,
    category,
    selling_price IS NULL AS is_bare,
    ${columns}
FROM (SELECT * REPLACE (map_entries(image_urls) AS image_urls) FROM products)
JOIN expected USING (product_id);
