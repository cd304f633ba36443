-- Products that came to the category, or came back to it.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    winner.product_id,
    winner.fetched_at,
    member.product_id IS NOT NULL AS is_return
FROM winners AS winner
LEFT JOIN product_categories AS member
    ON member.product_id = winner.product_id AND member.category = getvariable('category')
WHERE
    getvariable('mode') IN ('full', 'delta')
    AND NOT winner.is_gone
    AND (member.product_id IS NULL OR member.delisted_at IS NOT NULL);
