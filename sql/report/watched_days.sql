-- The days (since 1970, UTC) on which a category of theirs was checked; the others are gaps.
SELECT DISTINCT
    product_id,
    epoch_us(started_at) // 86_400_000_000 AS day
FROM product_categories
JOIN refreshes AS refresh USING (category)
WHERE
    product_id IN (SELECT unnest(getvariable('chosen')))
    AND refresh.feed = 'product'
    AND refresh.status = 'done'
    AND refresh.mode IN ('full', 'delta', 'skip')
    AND refresh.started_at > last_checked_at() - INTERVAL 91 DAYS
ORDER BY ALL;
