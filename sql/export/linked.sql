-- The rows of a query that names its products' links, each with the one that earns.
SELECT
    *,
    tracked_link(${link}, ${affid}, ${sub1}, ${sub2}) AS affiliate_url
FROM (
    ${query}
);
