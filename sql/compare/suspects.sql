-- What may differ between a walk and the mirror. The mirror's rows are hashed anew: a row that was
-- altered behind its back still has the hash that it was merged with. Records of another source
-- than the walk's own are looked at column by column in any case.
--
-- What a merge would leave alone is none: a rejected record is still a listed product, and a bare
-- record does not blank a product that is complete in its own category.
CREATE OR REPLACE TEMP TABLE suspects AS
WITH known AS (
    SELECT
        product_id,
        category,
        record_source,
        content_hash,
        selling_price,
        delisted_at,
        hash(record_source, ${carried}) AS hash_now
    FROM products
    -- Of a large lake, most files need not be read for one category.
    WHERE product_id IN (SELECT product_id FROM winners UNION ALL FROM expected)
)
SELECT
    product_id,
    winner.page_number,
    winner.record_number,
    winner.record_source,
    CASE
        WHEN winner.product_id IS NULL THEN 'missing_there'
        WHEN
            known.product_id IS NULL
            OR expected.product_id IS NULL
            OR known.delisted_at IS NOT NULL
            THEN 'missing_here'
        ELSE 'different'
    END AS kind,
    getvariable('has_dumps')
    AND known.record_source = winner.record_source
    AND known.content_hash = winner.content_hash AS may_be_filled,
    known.hash_now = known.content_hash AS is_as_merged,
    known.category AS owner
FROM winners AS winner
FULL JOIN expected USING (product_id)
LEFT JOIN known USING (product_id)
WHERE
    (getvariable('asked') IS NULL OR expected.product_id IS NOT NULL)
    AND (
        kind <> 'different'
        OR winner.record_source <> getvariable('own_source')
        OR known.hash_now <> winner.content_hash
    )
    AND NOT (
        kind = 'missing_there'
        AND product_id IN (SELECT product_id FROM walk_rejects WHERE product_id IS NOT NULL)
    )
    AND NOT coalesce(
        kind = 'different'
        AND winner.is_bare
        AND known.selling_price IS NOT NULL
        AND (known.category <> getvariable('category') OR getvariable('asked') IS NOT NULL),
        false
    );
