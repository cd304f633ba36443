-- The products that a rule is about, of those that were observed. A product that has left a
-- category was in it.
CREATE OR REPLACE TEMP TABLE selected AS
SELECT product_id
FROM products
SEMI JOIN touched USING (product_id)
WHERE
    (len(getvariable('products')) = 0 OR list_contains(getvariable('products'), product_id))
    AND (len(getvariable('brands')) = 0 OR list_contains(getvariable('brands'), lower(brand)))
    AND (getvariable('title') = '' OR contains(lower(title), getvariable('title')))
    AND (
        len(getvariable('categories')) = 0
        OR product_id IN (
            SELECT product_id
            FROM product_categories
            WHERE list_contains(getvariable('categories'), category)
        )
    )
    AND (
        ${condition}
    );
