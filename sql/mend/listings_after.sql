-- The listings of the chosen products, one a category whatever the spelling of the id.
CREATE OR REPLACE TEMP TABLE listings_after AS
WITH kept AS (
    SELECT
        chosen.clean_id AS product_id,
        listing.category,
        min(listing.first_seen_at) AS first_seen_at,
        max(listing.delisted_at) AS left_at,
        bool_or(listing.delisted_at IS NULL) AS is_listed
    FROM product_categories AS listing
    JOIN chosen USING (product_id)
    GROUP BY ALL
)
SELECT
    kept.product_id,
    kept.category,
    CASE
        WHEN kept.first_seen_at > getvariable('repaired_at')
            THEN coalesce(last_row.first_observed_at, getvariable('repaired_at'))
        ELSE kept.first_seen_at
    END AS first_seen_at,
    CASE
        WHEN kept.is_listed AND coalesce(last_row.is_available, true) THEN NULL
        WHEN coalesce(kept.left_at, last_row.observed_at) > getvariable('repaired_at')
            THEN coalesce(last_row.observed_at, getvariable('repaired_at'))
        ELSE coalesce(kept.left_at, last_row.observed_at, getvariable('repaired_at'))
    END AS delisted_at
FROM kept
LEFT JOIN last_rows AS last_row USING (product_id);
