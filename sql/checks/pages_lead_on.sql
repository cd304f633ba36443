-- Every page of a walk leads to the next, from page 1 to one that leads nowhere.
SELECT
    refresh_id,
    page.page_number,
    page.next_cursor,
    following.cursor AS cursor_of_next_page
FROM walk_pages AS page
JOIN refreshes AS refresh USING (refresh_id)
LEFT JOIN walk_pages AS following
    ON following.refresh_id = page.refresh_id
    AND following.page_number = page.page_number + 1
WHERE
    refresh.mode IN ('full', 'delta', 'in_stock')
    AND page.next_cursor IS DISTINCT FROM following.cursor
ORDER BY ALL;
