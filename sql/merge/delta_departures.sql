-- Products that left the category: those that a delta names as deleted, and that are not among its
-- rejected records too.
CREATE OR REPLACE TEMP TABLE departures AS
SELECT
    product_id,
    NOT bool_or(category <> getvariable('category')) AS is_last_category
FROM listings
WHERE
    delisted_at IS NULL
    AND product_id IN (
        SELECT product_id
        FROM winners
        WHERE
            is_gone
            AND product_id NOT IN (
                SELECT product_id
                FROM rejects
                WHERE product_id IS NOT NULL
            )
    )
GROUP BY product_id
HAVING bool_or(category = getvariable('category'));
