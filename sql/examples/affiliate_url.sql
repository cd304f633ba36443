-- The current best sellers with links whose sub-id is their rank.
SELECT
    category,
    rank,
    title,
    affiliate_url(product_url, 'yourid', 'top-' || rank) AS link
FROM top_movers
JOIN products USING (category, product_id, title)
WHERE rank IS NOT NULL
ORDER BY category, rank
LIMIT 20;
