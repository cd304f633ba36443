-- Every category: its size, how much of it is in stock, how fresh it is, its last full walk, what its prices did.
WITH listed AS (
    SELECT
        listing.category,
        count(*) AS product_count,
        count(*) FILTER (product.in_stock) AS in_stock_count
    FROM product_categories AS listing
    JOIN products AS product USING (product_id)
    WHERE listing.delisted_at IS NULL
    GROUP BY listing.category
),
changed AS (
    SELECT
        category,
        count(*) FILTER (amount < 0) AS drop_count,
        count(*) FILTER (amount > 0) AS rise_count
    FROM day_changes
    GROUP BY category
)
SELECT
    category,
    coalesce(listed.product_count, 0) AS product_count,
    coalesce(listed.in_stock_count, 0) AS in_stock_count,
    coalesce(changed.drop_count, 0) AS drop_count,
    coalesce(changed.rise_count, 0) AS rise_count,
    status.version,
    status.mirrored_at,
    status.last_mode,
    status.last_full_at,
    status.unlisted_at,
    freshness.checked_at,
    freshness.lag_hours,
    coalesce(freshness.failed_count, 0) AS failed_count,
    freshness.last_error
FROM category_status AS status
FULL JOIN listed USING (category)
LEFT JOIN category_freshness AS freshness USING (category)
LEFT JOIN changed USING (category)
ORDER BY product_count DESC, category
LIMIT 1000;
