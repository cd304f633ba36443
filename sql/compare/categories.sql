-- Every category that was mirrored by its product feed, with the version it stands at; null where
-- its feed names none.
SELECT
    category,
    version
FROM category_standing
SEMI JOIN (FROM refreshes WHERE feed = 'product' AND status = 'done') USING (category)
ORDER BY category;
