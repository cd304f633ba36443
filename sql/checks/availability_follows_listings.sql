-- A product is available while a category lists it; one seen in no category's feed is left out.
WITH listed AS (
    SELECT
        product_id,
        bool_or(delisted_at IS NULL) AS is_listed
    FROM product_categories
    GROUP BY product_id
)
SELECT
    product_id,
    listed.is_listed,
    product.is_available,
    product.delisted_at
FROM products AS product
JOIN listed USING (product_id)
WHERE
    product.is_available <> listed.is_listed
    OR (product.delisted_at IS NULL) <> listed.is_listed
ORDER BY product_id;
