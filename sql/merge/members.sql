-- Products that came to the category, or came back to it.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    winner.product_id,
    winner.fetched_at,
    listing.product_id IS NOT NULL AS is_return
FROM winners AS winner
LEFT JOIN listings AS listing
    ON listing.product_id = winner.product_id AND listing.category = getvariable('category')
WHERE
    NOT winner.is_gone
    AND getvariable('mode') IN ('full', 'delta')
    AND (listing.product_id IS NULL OR listing.delisted_at IS NOT NULL);
