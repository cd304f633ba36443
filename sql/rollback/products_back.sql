-- The rows as they are to be. Only rows that this category wrote last are put back: what another
-- category has said since is newer. Whatever the row, a product is available while a category
-- lists it; one seen in no category's feed is as available as its row says.
CREATE OR REPLACE TEMP TABLE products_back AS
WITH present AS (
    SELECT *
    FROM products
    WHERE
        category = getvariable('category')
        OR product_id IN (SELECT product_id FROM listed)
),
past AS (
    SELECT past.*
    FROM products AS past AT (VERSION => getvariable('target'))
    JOIN present USING (product_id)
    WHERE
        present.category = getvariable('category')
        AND past.changed_at <> present.changed_at
        AND struct_update(past, changed_at := NULL) IS DISTINCT FROM
            struct_update(present, changed_at := NULL)
),
wanted AS (
    FROM past
    UNION ALL BY NAME
    FROM present WHERE product_id NOT IN (SELECT product_id FROM past)
)
SELECT
    wanted.* REPLACE (
        coalesce(listed.is_listed, wanted.is_available) AS is_available,
        getvariable('merged_at') AS changed_at,
        CASE
            WHEN NOT coalesce(listed.is_listed, wanted.is_available)
                THEN coalesce(wanted.delisted_at, getvariable('merged_at'))
        END AS delisted_at
    )
FROM wanted
LEFT JOIN listed USING (product_id)
WHERE
    wanted.product_id IN (SELECT product_id FROM past)
    OR wanted.is_available <> coalesce(listed.is_listed, wanted.is_available);
