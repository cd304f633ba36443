-- The categories whose names look most like the one asked for.
SELECT category
FROM (SELECT DISTINCT category FROM product_categories)
WHERE jaro_winkler_similarity(category, getvariable('category')) > 0.8
ORDER BY jaro_winkler_similarity(category, getvariable('category')) DESC, category
LIMIT 3;
