-- Products that came to the category, or came back to it. A walk of what is in stock, and a replay,
-- bring nothing back that has left: only what lists everything can, or nothing might ever take it
-- away again.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    winner.product_id,
    winner.fetched_at,
    member.product_id IS NOT NULL AS is_return
FROM winners AS winner
LEFT JOIN listings AS member
    ON member.product_id = winner.product_id AND member.category = getvariable('category')
WHERE
    NOT winner.is_gone
    AND CASE
        WHEN getvariable('mode') IN ('full', 'delta')
            THEN member.product_id IS NULL OR member.delisted_at IS NOT NULL
        WHEN
            getvariable('mode') = 'in_stock'
            OR (getvariable('mode') = 'replay' AND getvariable('feed') IN ('product', 'dump'))
            THEN
                member.product_id IS NULL
                AND winner.product_id NOT IN (
                    SELECT product_id
                    FROM products
                    WHERE delisted_at IS NOT NULL
                )
        ELSE false
    END;
