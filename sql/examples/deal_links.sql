-- The same as links that earn, to be put on a page; sub-ids say where the clicks come from.
SELECT
    title,
    price,
    percent_below_average,
    affiliate_url
FROM deal_links(10, 'yourid', 'morning-deals')
WHERE affiliate_url IS NOT NULL
ORDER BY percent_below_average DESC
LIMIT 20;
