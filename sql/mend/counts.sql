-- What no check counts: products that were stored under two ids or more, rows of `products` that are
-- no product's, products whose availability was wrong, and the categories of dumps that were dated
-- in the future.
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT chosen.clean_id
            FROM products
            JOIN chosen USING (product_id)
            GROUP BY chosen.clean_id
            HAVING count(*) > 1
        )
    ) AS merged_count,
    (
        SELECT count(*)
        FROM products
        WHERE product_id IN (SELECT product_id FROM spellings WHERE clean_id IS NULL)
    ) AS removed_count,
    (
        SELECT coalesce(list_sort(list(DISTINCT refresh_times.category)), [])
        FROM walk_pages
        JOIN refresh_times USING (refresh_id)
        WHERE refresh_times.feed = 'dump' AND walk_pages.fetched_at > getvariable('repaired_at')
    ) AS dump_categories;
