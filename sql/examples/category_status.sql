-- Where each category stands, the largest first.
SELECT
    category,
    version,
    product_count,
    delisted_count,
    last_mode
FROM category_status
ORDER BY product_count DESC;
