-- What was observed since the snapshot that a rule has seen; a rollback, a removal and a repair observe nothing.
CREATE OR REPLACE TEMP TABLE observed AS
SELECT
    product_id,
    observed_at,
    snapshot_id,
    rowid AS place,
    currency,
    coalesce(nullif(special_price, 0), nullif(selling_price, 0)) AS price,
    in_stock,
    is_available
FROM ${rows}
WHERE snapshot_id > getvariable('seen') AND feed NOT IN ('rollback', 'remove', 'repair');
