-- The same out of the history, where that snapshot has expired.
CREATE OR REPLACE TEMP TABLE before AS
SELECT
    product_id,
    currency,
    coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price,
    in_stock,
    is_available
FROM price_history
SEMI JOIN touched USING (product_id)
WHERE snapshot_id <= getvariable('seen')
QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY observed_at DESC, rowid DESC) = 1;
