-- A dump newer than the mirror's own walk of the category shows who is in it; it never says who
-- left.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    winner.product_id,
    winner.fetched_at,
    member.product_id IS NOT NULL AS is_return
FROM winners AS winner
LEFT JOIN product_categories AS member
    ON member.product_id = winner.product_id AND member.category = getvariable('category')
WHERE
    coalesce(winner.fetched_at > getvariable('category_known_at')::TIMESTAMPTZ, true)
    AND (
        member.product_id IS NULL
        OR member.delisted_at < winner.fetched_at
    );
