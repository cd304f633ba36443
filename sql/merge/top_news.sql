-- The lists that are not what they last were; an empty one is a rank 0.
CREATE OR REPLACE TEMP TABLE ranking_news AS
WITH walked AS (
    SELECT getvariable('category') AS list, max(fetched_at) AS fetched_at FROM walk_steps
),
this AS (
    SELECT walked.list, walked.fetched_at, coalesce(ranking.rank, 0) AS rank, ranking.product_id
    FROM walked
    LEFT JOIN ranking USING (list)
),
last AS (
    SELECT category AS list, rank, product_id
    FROM top_products
    WHERE (category, observed_at) IN (SELECT (category, max(observed_at)) FROM top_products GROUP BY category)
),
differing AS (
    SELECT this.list
    FROM this
    LEFT JOIN last USING (list, rank)
    WHERE last.rank IS NULL OR last.product_id IS DISTINCT FROM this.product_id
    UNION
    SELECT last.list
    FROM last
    SEMI JOIN walked USING (list)
    ANTI JOIN this USING (list, rank)
)
SELECT this.*
FROM this
SEMI JOIN differing USING (list);
