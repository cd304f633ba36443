UPDATE product_categories
SET delisted_at = NULL
WHERE
    category = getvariable('category')
    AND product_id IN (SELECT product_id FROM members WHERE is_return);
