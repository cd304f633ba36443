-- What moved between the last two lists of top sellers of each category. A list is kept when it
-- changes, so the two always differ; a category with one list has no rows, nor has one that was removed.
CREATE OR REPLACE VIEW top_movers AS
WITH lists AS (
    SELECT
        category,
        observed_at,
        lag(observed_at) OVER (PARTITION BY category ORDER BY observed_at) AS old_observed_at
    FROM (SELECT DISTINCT category, observed_at FROM top_products)
    WHERE category NOT IN (
        SELECT category
        FROM refreshes
        WHERE feed = 'product' AND mode <> 'replay'
        GROUP BY category
        HAVING arg_max(mode, finished_at) = 'remove'
    )
    QUALIFY row_number() OVER (PARTITION BY category ORDER BY observed_at DESC) = 1
),
ranks AS (
    SELECT
        category,
        lists.observed_at,
        lists.old_observed_at,
        product_id,
        min(rank) FILTER (top.observed_at = lists.observed_at) AS rank,
        min(rank) FILTER (top.observed_at = lists.old_observed_at) AS old_rank
    FROM top_products AS top
    JOIN lists USING (category)
    WHERE top.observed_at IN (lists.observed_at, lists.old_observed_at) AND product_id IS NOT NULL
    GROUP BY ALL
)
SELECT
    ranks.category,
    product_id,
    product.title,
    product.brand,
    ranks.rank,
    ranks.old_rank,
    ranks.old_rank - ranks.rank AS rise,
    ranks.observed_at,
    ranks.old_observed_at
FROM ranks
LEFT JOIN products AS product USING (product_id)
WHERE ranks.old_observed_at IS NOT NULL AND ranks.rank IS DISTINCT FROM ranks.old_rank;

COMMENT ON VIEW top_movers IS 'One product whose rank changed between the last two lists of a category''s top sellers: category, product_id, title, brand, rank now (null: it left the list), old_rank (null: it was not in the list), rise in places (negative for a fall, null for one that came or left), observed_at and old_observed_at of the two lists, UTC.';
