-- What may differ between a road and the dump. A rejected record is one that could not be read, not
-- one that is missing.
CREATE OR REPLACE TEMP TABLE pair AS
SELECT
    product_id,
    CASE
        WHEN here.product_id IS NULL THEN 'missing_here'
        WHEN there.product_id IS NULL THEN 'missing_there'
        ELSE 'different'
    END AS kind
FROM (SELECT product_id, hash(${columns}) AS content_hash FROM ${here}) AS here
FULL JOIN (SELECT product_id, hash(${columns}) AS content_hash FROM ${there}) AS there
    USING (product_id)
WHERE
    here.content_hash IS DISTINCT FROM there.content_hash
    AND NOT (
        kind <> 'different'
        AND product_id IN (
            SELECT product_id
            FROM road_rejects
            WHERE product_id IS NOT NULL
        )
    );
