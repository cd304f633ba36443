-- The rows of a query that names only its products' ids, in its order, each with the link that earns.
WITH asked AS (
    SELECT
        *,
        row_number() OVER () AS row_of_query
    FROM (
        ${query}
    )
)
SELECT
    asked.* EXCLUDE (row_of_query),
    tracked_link(
        coalesce(product.product_url, canonical_url(asked.product_id)), ${affid}, ${sub1}, ${sub2}
    ) AS affiliate_url
FROM asked
LEFT JOIN products AS product ON product.product_id = asked.product_id
ORDER BY asked.row_of_query;
