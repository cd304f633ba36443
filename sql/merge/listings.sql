-- Where the mirror has listed the winners, this category and others.
CREATE OR REPLACE TEMP TABLE listings AS
SELECT
    product_id,
    category,
    delisted_at
FROM product_categories
WHERE product_id IN (SELECT product_id FROM winners);
