-- Listed products of some categories, drawn by chance.
SELECT
    category,
    product_id
FROM product_categories
WHERE
    delisted_at IS NULL
    AND list_contains(from_json(getvariable('categories'), '["VARCHAR"]'), category)
ORDER BY random()
LIMIT getvariable('sample_size');
