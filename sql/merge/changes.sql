-- The winners that say something new, with what the mirror knows of their prices. A list of some
-- products brings no delisted one back: only what lists the whole category can, or nothing would
-- ever delist it again. A product that has gone is passed over, but where a list or a look-up shows it
-- for the first time: then it is kept as delisted. A bare record of another category does not blank a product whose own
-- category lists it complete; nor does one of a walk of what is in stock, which may hide its
-- complete twin, or of a replay, which may lack it.
CREATE OR REPLACE TEMP TABLE changes AS
SELECT
    winner.page_number,
    winner.record_number,
    winner.record_source,
    known.record_source AS known_source,
    known.changed_at AS known_at,
    known.currency,
    known.mrp,
    known.selling_price,
    known.special_price,
    known.in_stock,
    known.is_available,
    winner.is_gone
    OR coalesce(
        known.delisted_at IS NOT NULL AND getvariable('mode') IN ('list', 'in_stock', 'replay'),
        false
    ) AS stays_delisted,
    CASE
        WHEN known.product_id IS NULL THEN 'new'
        WHEN known.delisted_at IS NOT NULL AND NOT stays_delisted THEN 'returned'
        ELSE 'changed'
    END AS kind
FROM winners AS winner
LEFT JOIN products AS known USING (product_id)
WHERE
    (NOT winner.is_gone OR (known.product_id IS NULL AND getvariable('mode') = 'list'))
    AND (
        known.product_id IS NULL
        OR (known.delisted_at IS NOT NULL AND NOT stays_delisted)
        OR known.content_hash <> winner.content_hash
        OR known.record_source <> winner.record_source
        OR winner.product_id IN (FROM altered)
    )
    AND NOT coalesce(
        winner.is_bare
        AND known.selling_price IS NOT NULL
        AND known.delisted_at IS NULL
        AND (
            known.category <> getvariable('category')
            OR getvariable('mode') IN ('in_stock', 'replay')
        ),
        false
    );
