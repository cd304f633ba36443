-- Products that left the category: those that a full walk did not meet. A rejected record is still a
-- listed product.
CREATE OR REPLACE TEMP TABLE departures AS
SELECT
    member.product_id,
    NOT EXISTS (
        SELECT 1
        FROM product_categories AS other
        WHERE
            other.product_id = member.product_id
            AND other.category <> getvariable('category')
            AND other.delisted_at IS NULL
    ) AS is_last_category
FROM product_categories AS member
LEFT JOIN winners AS winner USING (product_id)
WHERE
    getvariable('mode') = 'full'
    AND member.category = getvariable('category')
    AND member.delisted_at IS NULL
    AND winner.product_id IS NULL
    AND member.product_id NOT IN (
        SELECT product_id
        FROM rejects
        WHERE product_id IS NOT NULL
    );
