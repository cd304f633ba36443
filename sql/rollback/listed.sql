-- Of every product in question, whether a category lists it once the listings are put back.
CREATE OR REPLACE TEMP TABLE listed AS
SELECT
    listing.product_id,
    bool_or(
        CASE
            WHEN back.product_id IS NOT NULL AND listing.category = getvariable('category')
                THEN back.delisted_at
            ELSE listing.delisted_at
        END IS NULL
    ) AS is_listed
FROM product_categories AS listing
LEFT JOIN listings_back AS back USING (product_id)
WHERE listing.product_id IN (
    SELECT product_id FROM listings_back
    UNION ALL
    SELECT product_id FROM products WHERE category = getvariable('category')
)
GROUP BY listing.product_id;
