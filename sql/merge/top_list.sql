INSERT INTO top_products
SELECT
    list,
    max(fetched_at) OVER (PARTITION BY list),
    rank,
    product_id,
    getvariable('refresh_id')
FROM ranking_news
ORDER BY list, rank;
