-- The products whose availability and listings do not agree, and how they stand when they do: the
-- record that was seen last is believed, of the category that it came from.
CREATE OR REPLACE TEMP TABLE standings AS
WITH counted AS (
    SELECT
        product_id,
        count(*) AS listing_count,
        count(*) FILTER (delisted_at IS NULL) AS listed_count,
        max(delisted_at) AS left_at
    FROM product_categories
    GROUP BY product_id
),
wrong AS (
    SELECT
        product.product_id,
        product.category,
        product.is_available AS was_available,
        product.delisted_at AS was_delisted_at,
        product.changed_at,
        coalesce(counted.listing_count, 0) AS listing_count,
        coalesce(counted.listed_count, 0) AS listed_count,
        counted.left_at,
        NOT was_available
        AND product.feed IN ('product', 'delta')
        AND EXISTS (
            FROM product_categories AS listing
            WHERE
                listing.product_id = product.product_id
                AND listing.category = product.category
                AND listing.delisted_at IS NULL
        ) AS leaves_one
    FROM products AS product
    LEFT JOIN counted USING (product_id)
    WHERE
        was_available <> CASE WHEN listing_count > 0 THEN listed_count > 0 ELSE was_available END
        OR (was_delisted_at IS NULL) <> was_available
)
SELECT
    *,
    CASE
        WHEN listing_count = 0 THEN was_available
        WHEN was_available THEN listed_count > 0
        ELSE leaves_one AND listed_count > 1
    END AS is_available,
    CASE
        WHEN is_available THEN NULL
        WHEN was_delisted_at IS NOT NULL THEN was_delisted_at
        WHEN was_available THEN left_at
        ELSE changed_at
    END AS delisted_at
FROM wrong;
