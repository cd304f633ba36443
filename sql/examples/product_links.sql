-- Every product in stock with a link that earns for you.
SELECT
    product_id,
    title,
    affiliate_url
FROM product_links('yourid')
WHERE is_available AND in_stock AND affiliate_url IS NOT NULL
ORDER BY product_id
LIMIT 20;
