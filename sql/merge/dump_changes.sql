-- What a dump says that the mirror does not know, with what it knows of the prices. A dump is dated
-- by its zip member: what the mirror has seen since then stands, and the dump only fills what is
-- missing there (kind fills). What the mirror's own walk of the category did not list since then
-- has left it.
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
    coalesce(
        winner.fetched_at <= coalesce(
            greatest(
                known.changed_at,
                CASE
                    WHEN member.product_id IS NOT NULL
                        THEN getvariable('category_known_at')::TIMESTAMPTZ
                END
            ),
            getvariable('category_known_at')::TIMESTAMPTZ
        ),
        false
    ) AS is_older,
    known.product_id IS NULL AND is_older AS stays_delisted,
    CASE
        WHEN known.product_id IS NULL THEN 'new'
        WHEN is_older THEN 'fills'
        WHEN known.delisted_at IS NOT NULL THEN 'returned'
        ELSE 'changed'
    END AS kind
FROM winners AS winner
LEFT JOIN products AS known USING (product_id)
LEFT JOIN product_categories AS member
    ON member.product_id = winner.product_id
    AND member.category = getvariable('category')
    AND member.delisted_at IS NULL
WHERE
    known.product_id IS NULL
    OR is_older
    OR known.delisted_at IS NOT NULL
    OR known.content_hash <> winner.content_hash
    OR known.record_source <> winner.record_source;
