-- Of each kind of move between the last two lists of top sellers, the largest.
WITH moved AS (
    SELECT
        *,
        CASE
            WHEN rank IS NULL THEN 'left'
            WHEN old_rank IS NULL THEN 'new'
            WHEN rise > 0 THEN 'up'
            ELSE 'down'
        END AS kind,
        CASE kind
            WHEN 'left' THEN old_rank
            WHEN 'new' THEN rank
            ELSE -abs(rise)
        END AS weight
    FROM top_movers
    QUALIFY row_number() OVER (PARTITION BY kind ORDER BY weight, category, product_id) <= 6
)
SELECT
    moved.kind,
    moved.category,
    product_id,
    moved.title,
    moved.rank,
    moved.old_rank,
    moved.rise,
    moved.observed_at,
    product.currency,
    effective_price(product.special_price, product.selling_price) AS price,
    report_link(product_id, product.product_url) AS link
FROM moved
LEFT JOIN products AS product USING (product_id)
ORDER BY moved.kind, moved.weight, moved.category, product_id;
