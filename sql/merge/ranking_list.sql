-- The lists that changed, whole.
INSERT INTO ${table}
SELECT
    list,
    max(fetched_at) OVER (PARTITION BY list),
    rank,
    product_id,
    getvariable('refresh_id')
FROM ranking_news
ORDER BY list, rank;
