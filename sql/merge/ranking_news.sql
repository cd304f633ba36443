-- The lists that are not what they last were; an empty one is a rank 0.
CREATE OR REPLACE TEMP TABLE ranking_news AS
WITH this AS (
    SELECT
        walked_list.list,
        walked_list.fetched_at,
        coalesce(ranking.rank, 0) AS rank,
        ranking.product_id
    FROM walked_lists AS walked_list
    LEFT JOIN ranking USING (list)
),
last AS (
    SELECT ${key} AS list, rank, product_id
    FROM ${table}
    WHERE (${key}, observed_at) IN (SELECT (${key}, max(observed_at)) FROM ${table} GROUP BY ${key})
),
differing AS (
    SELECT this.list
    FROM this
    LEFT JOIN last USING (list, rank)
    WHERE last.rank IS NULL OR last.product_id IS DISTINCT FROM this.product_id
    UNION
    SELECT last.list
    FROM last
    SEMI JOIN walked_lists USING (list)
    ANTI JOIN this USING (list, rank)
)
SELECT this.*
FROM this
SEMI JOIN differing USING (list);
