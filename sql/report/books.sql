-- The first ten of the widest list of books, then the first of each narrower one, with the rank
-- that each had in the list before.
WITH shown AS (
    FROM bestselling_books
    WHERE rank = 1 OR (rank <= 10 AND depth = (SELECT min(depth) FROM bestselling_books))
    ORDER BY depth, path, rank
    LIMIT 20
),
before AS (
    SELECT
        code,
        max(observed_at) AS observed_at
    FROM top_books
    JOIN (SELECT DISTINCT code, observed_at AS now_at FROM shown) USING (code)
    WHERE observed_at < now_at
    GROUP BY code
),
old AS (
    SELECT
        code,
        product_id,
        min(rank) AS old_rank
    FROM top_books
    JOIN before USING (code, observed_at)
    WHERE product_id IS NOT NULL
    GROUP BY code, product_id
)
SELECT
    code,
    shown.path,
    shown.depth,
    shown.rank,
    old.old_rank,
    before.code IS NOT NULL AS had_list,
    product_id,
    shown.title,
    shown.authors,
    shown.currency,
    shown.price,
    shown.in_stock,
    report_link(product_id, shown.product_url) AS link
FROM shown
LEFT JOIN before USING (code)
LEFT JOIN old USING (code, product_id)
ORDER BY shown.depth, shown.path, shown.rank;
