-- The first of what is wrong, then of what is behind.
SELECT
    product_id,
    kind,
    verdict,
    coalesce(column_names, []) AS column_names,
    page_number,
    record_number
FROM mismatches
WHERE verdict <> 'elsewhere'
ORDER BY verdict DESC, kind, product_id
LIMIT 5;
