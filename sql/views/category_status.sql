-- Where each category stands: its version, its size, its last refresh, its last full walk.
CREATE OR REPLACE VIEW category_status AS
WITH last_refresh AS (
    SELECT
        category,
        arg_max(mode, finished_at) AS mode,
        arg_max(status, finished_at) AS status,
        arg_max(error, finished_at) FILTER (error IS NOT NULL) AS last_error,
        max(finished_at) FILTER (status = 'done' AND mode NOT IN ('in_stock', 'unlisted')) AS checked_at
    FROM refreshes
    WHERE feed = 'product' AND mode <> 'replay'
    GROUP BY category
),
listed AS (
    SELECT
        category,
        count(*) FILTER (delisted_at IS NULL) AS product_count,
        count(*) FILTER (delisted_at IS NOT NULL) AS delisted_count
    FROM product_categories
    GROUP BY category
)
SELECT
    category,
    standing.version,
    coalesce(listed.product_count, 0) AS product_count,
    coalesce(listed.delisted_count, 0) AS delisted_count,
    standing.mirrored_at,
    last_refresh.checked_at,
    last_refresh.mode AS last_mode,
    last_refresh.status AS last_status,
    CASE WHEN last_refresh.status = 'failed' THEN last_refresh.last_error END AS last_error,
    standing.last_full_at,
    standing.unlisted_at
FROM category_standing AS standing
JOIN last_refresh USING (category)
LEFT JOIN listed USING (category)
ORDER BY category;

-- DuckLake keeps no comments on a view's columns, so the view's own names them.
COMMENT ON VIEW category_status IS 'Where each category stands, one row a category: version the mirror stands at (null before the first full walk), product_count listed now, delisted_count listed once, mirrored_at when the version last moved, checked_at when a refresh of everything last succeeded, last_mode (full, delta, skip, in_stock, rollback, unlisted), last_status (done, failed), last_error, last_full_at when the last full walk began, unlisted_at since when the directory no longer lists it (null while it does). A removed category has no row. Times are UTC.';
