-- Products that came to the category. A walk of what is in stock, and a replay, bring nothing back that
-- has left: only what lists everything can, or nothing might ever take it away again.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    winner.product_id,
    winner.fetched_at,
    false AS is_return
FROM winners AS winner
ANTI JOIN (FROM listings WHERE category = getvariable('category')) USING (product_id)
ANTI JOIN (FROM products WHERE delisted_at IS NOT NULL) USING (product_id)
WHERE
    NOT winner.is_gone
    AND (getvariable('mode') = 'in_stock' OR getvariable('feed') IN ('product', 'dump'));
