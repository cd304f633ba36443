-- What came back in stock this week, and how long it was away.
SELECT
    title,
    price,
    restocked_at,
    date_diff('day', sold_out_at, restocked_at) AS days_away
FROM restocked(7)
ORDER BY restocked_at DESC, title
LIMIT 20;
