-- Products that left the category: those that a record says have gone, and of a full walk those that
-- it did not meet. A look-up and a list of books are of no category: a product that they say has gone
-- left all of them. A product that no category lists is delisted too. A rejected record is still a
-- listed product. A walk of what is in stock, and a replay, take nothing away.
CREATE OR REPLACE TEMP TABLE departures AS
WITH gone AS (
    SELECT product_id
    FROM (FROM winners WHERE is_gone) AS winner
    JOIN products AS known USING (product_id)
    WHERE known.delisted_at IS NULL AND getvariable('mode') NOT IN ('in_stock', 'replay')
),
unmet AS (
    SELECT product_id
    FROM product_categories
    ANTI JOIN winners USING (product_id)
    WHERE
        getvariable('mode') = 'full'
        AND category = getvariable('category')
        AND delisted_at IS NULL
),
leaving AS (
    SELECT
        gone.product_id,
        listing.category
    FROM gone
    LEFT JOIN (FROM listings WHERE delisted_at IS NULL) AS listing USING (product_id)
    UNION ALL
    SELECT
        product_id,
        category
    FROM product_categories
    WHERE
        getvariable('mode') = 'full'
        AND delisted_at IS NULL
        AND product_id IN (FROM unmet)
)
SELECT
    product_id,
    NOT coalesce(bool_or(category <> getvariable('departs_from')::VARCHAR), false) AS is_last_category
FROM leaving
WHERE product_id NOT IN (
    SELECT product_id
    FROM rejects
    WHERE product_id IS NOT NULL
)
GROUP BY product_id
HAVING
    count(category) = 0
    OR getvariable('departs_from')::VARCHAR IS NULL
    OR bool_or(category = getvariable('departs_from')::VARCHAR);
