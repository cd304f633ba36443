-- What differs for a shopper between two snapshots, a row a product and kind of change. A product
-- is there while the catalogue lists it: one that came back is new. Prices are compared where
-- both are known and in one currency; 0 means unknown.
CREATE OR REPLACE TEMP TABLE changes AS
WITH old AS (
    SELECT
        product_id,
        currency,
        in_stock,
        coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price
    FROM products AT (VERSION => getvariable('old_snapshot'))
    WHERE is_available
),
new AS (
    SELECT
        product_id,
        currency,
        in_stock,
        coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price
    FROM products AT (VERSION => getvariable('new_snapshot'))
    WHERE is_available
),
members AS (
    SELECT product_id
    FROM product_categories AT (VERSION => getvariable('old_snapshot'))
    WHERE category = getvariable('category') AND delisted_at IS NULL
    UNION
    SELECT product_id
    FROM product_categories AT (VERSION => getvariable('new_snapshot'))
    WHERE category = getvariable('category') AND delisted_at IS NULL
)
SELECT
    product_id,
    coalesce(new.currency, old.currency) AS currency,
    old.price AS old_price,
    new.price AS new_price,
    CASE
        WHEN old.currency = new.currency THEN (new.price - old.price) / old.price
    END AS rise,
    unnest(list_filter(
        [
            CASE WHEN old.product_id IS NULL THEN 'new' END,
            CASE WHEN new.product_id IS NULL THEN 'gone' END,
            CASE WHEN rise > 0 THEN 'dearer' END,
            CASE WHEN rise < 0 THEN 'cheaper' END,
            CASE WHEN new.in_stock AND NOT old.in_stock THEN 'restocked' END,
            CASE WHEN old.in_stock AND NOT new.in_stock THEN 'out_of_stock' END
        ],
        lambda kind: kind IS NOT NULL
    )) AS change
FROM old
FULL JOIN new USING (product_id)
WHERE
    getvariable('category') IS NULL
    OR product_id IN (SELECT product_id FROM members);
