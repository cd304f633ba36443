-- What a dump says that the mirror does not know, with what it knows of the prices. Where the row is
-- older than the mirror, what the mirror has seen stands, and the row only fills what is missing
-- there (kind fills). What the mirror's own walk of the category did not list since then has left
-- it. A product that has gone is passed over here, as by a walk.
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
    CASE
        WHEN winner.is_known THEN winner.is_delisted AND NOT winner.joins
        ELSE winner.is_older
    END AS stays_delisted,
    CASE
        WHEN NOT winner.is_known THEN 'new'
        WHEN winner.is_older THEN 'fills'
        WHEN winner.is_delisted AND NOT stays_delisted THEN 'returned'
        ELSE 'changed'
    END AS kind
FROM winners AS winner
LEFT JOIN products AS known USING (product_id)
WHERE
    NOT winner.is_gone
    AND (
        NOT winner.is_known
        OR winner.is_older
        OR winner.is_delisted
        OR known.content_hash <> winner.content_hash
        OR known.record_source <> winner.record_source
    );
