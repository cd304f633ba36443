SELECT
    category,
    observed_at,
    is_new,
    list(product_id ORDER BY rank) AS product_ids,
    list(rank ORDER BY rank) AS ranks
FROM lists
GROUP BY category, observed_at, is_new
ORDER BY category, is_new, observed_at;
