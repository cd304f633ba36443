-- What is back in stock since a day before the last check, the latest first, and how much there is in all.
SELECT
    product_id,
    title,
    category,
    restocked_at AS since,
    currency,
    price AS price,
    report_link(product_id, product_url) AS link,
    count(*) OVER () AS total_count
FROM restocked(1)
ORDER BY since DESC, product_id
LIMIT 8;
