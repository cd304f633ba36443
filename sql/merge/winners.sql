-- One record a product out of a walk: the complete one beats the bare one, else the later wins.
-- A delta's deletion is no bare record, however little it says. A walk that delists nothing passes
-- over what it is told has gone.
CREATE OR REPLACE TEMP TABLE winners AS
SELECT
    product_id,
    page_number,
    record_number,
    fetched_at,
    getvariable('mode') IN ('delta', 'in_stock', 'replay') AND is_available IS FALSE AS is_gone,
    selling_price IS NULL AND NOT is_gone AS is_bare,
    record_source,
    content_hash
FROM staged_records
QUALIFY
    row_number() OVER (
        PARTITION BY product_id
        ORDER BY is_bare, page_number DESC, record_number DESC
    ) = 1;
