INSERT INTO product_categories
SELECT
    product_id,
    getvariable('category'),
    fetched_at,
    NULL
FROM members
WHERE NOT is_return;
