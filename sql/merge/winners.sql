-- One record a product out of a walk: the complete one beats the bare one, else the later wins.
-- A record that says that its product has gone is no bare one, however little it says.
CREATE OR REPLACE TEMP TABLE winners AS
SELECT
    product_id,
    page_number,
    record_number,
    fetched_at,
    is_available IS FALSE AS is_gone,
    selling_price IS NULL AND NOT is_gone AS is_bare,
    record_source,
    content_hash
FROM staged_records
QUALIFY
    row_number() OVER (
        PARTITION BY product_id
        ORDER BY is_bare, page_number DESC, record_number DESC
    ) = 1;
