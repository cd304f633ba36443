-- A product is available while a category lists it, and is delisted when it is not available.
WITH listed AS (
    SELECT
        product_id,
        bool_or(delisted_at IS NULL) AS is_listed
    FROM product_categories
    GROUP BY product_id
)
SELECT
    product_id,
    -- Null for a product that was seen in no category's feed.
    listed.is_listed,
    product.is_available,
    product.delisted_at
FROM products AS product
LEFT JOIN listed USING (product_id)
WHERE
    product.is_available <> coalesce(listed.is_listed, product.is_available)
    OR (product.delisted_at IS NULL) <> product.is_available
ORDER BY product_id;
