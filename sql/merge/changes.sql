-- The winners that say something new. A bare record of another category does not blank a
-- product whose own category lists it complete.
CREATE OR REPLACE TEMP TABLE changes AS
SELECT
    winner.page_number,
    winner.record_number,
    winner.content_hash,
    CASE
        WHEN known.product_id IS NULL THEN 'new'
        WHEN known.delisted_at IS NOT NULL THEN 'returned'
        ELSE 'changed'
    END AS kind
FROM winners AS winner
LEFT JOIN products AS known USING (product_id)
WHERE
    NOT winner.is_gone
    AND (
        known.product_id IS NULL
        OR known.delisted_at IS NOT NULL
        OR known.content_hash <> winner.content_hash
    )
    AND NOT coalesce(
        winner.is_bare
        AND known.selling_price IS NOT NULL
        AND known.delisted_at IS NULL
        AND known.category <> getvariable('category'),
        false
    );
