-- How the products that were observed stood at the snapshot that a rule has seen.
CREATE OR REPLACE TEMP TABLE before AS
SELECT
    product_id,
    currency,
    coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price,
    in_stock,
    is_available
FROM products AT (VERSION => getvariable('seen'))
SEMI JOIN touched USING (product_id);
