-- The winners that say something new. A list of some products brings no delisted one back: only
-- its category's own feed can, or nothing would ever delist it again. A bare record of another category does not blank a
-- product whose own category lists it complete.
CREATE OR REPLACE TEMP TABLE changes AS
SELECT
    winner.page_number,
    winner.record_number,
    winner.content_hash,
    coalesce(known.delisted_at IS NOT NULL AND getvariable('mode') = 'list', false) AS stays_delisted,
    CASE
        WHEN known.product_id IS NULL THEN 'new'
        WHEN known.delisted_at IS NOT NULL AND NOT stays_delisted THEN 'returned'
        ELSE 'changed'
    END AS kind
FROM winners AS winner
LEFT JOIN products AS known USING (product_id)
WHERE
    NOT winner.is_gone
    AND (
        known.product_id IS NULL
        OR (known.delisted_at IS NOT NULL AND NOT stays_delisted)
        OR known.content_hash <> winner.content_hash
        OR known.record_source <> winner.record_source
    )
    AND NOT coalesce(
        winner.is_bare
        AND known.selling_price IS NOT NULL
        AND known.delisted_at IS NULL
        AND known.category <> getvariable('category'),
        false
    );
