-- What climbs fastest in the lists of top sellers, newcomers first.
SELECT
    category,
    title,
    rank,
    old_rank,
    rise
FROM top_movers
WHERE rank IS NOT NULL AND (rise > 0 OR old_rank IS NULL)
ORDER BY rise DESC NULLS FIRST, rank
LIMIT 20;
