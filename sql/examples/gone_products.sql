-- What left the catalogue this week, the dearest first: links to these lead nowhere.
SELECT
    title,
    category,
    delisted_at,
    last_price
FROM gone_products(7)
ORDER BY last_price DESC NULLS LAST, title
LIMIT 20;
