-- Seconds from a page to the next within the last ten walks of each category. A pause of ten
-- minutes is none of the upstream's: the walk was stopped and went on later.
WITH walks AS (
    SELECT refresh_id, category
    FROM refreshes
    WHERE feed = 'product' AND page_count > 1
    QUALIFY row_number() OVER (PARTITION BY category ORDER BY finished_at DESC) <= 10
),
gaps AS (
    SELECT
        walks.category,
        epoch(page.fetched_at) - epoch(lag(page.fetched_at) OVER (
            PARTITION BY page.refresh_id ORDER BY page.page_number
        )) AS seconds
    FROM walk_pages AS page
    JOIN walks USING (refresh_id)
)
SELECT category, avg(seconds) AS seconds
FROM gaps
WHERE seconds BETWEEN 0 AND 600
GROUP BY category;
