-- How the chosen products stand by the last row of their history, and since when they are known.
CREATE OR REPLACE TEMP TABLE last_rows AS
SELECT
    *,
    min(observed_at) OVER (PARTITION BY product_id) AS first_observed_at
FROM history_after
WHERE is_kept
QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY observed_at DESC) = 1;
