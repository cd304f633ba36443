-- Every category that was mirrored by its product feed, with the version it stands at; null where
-- its feed names none.
SELECT
    category,
    arg_max(version.version, version.mirrored_at) AS version
FROM (
    SELECT DISTINCT category
    FROM refreshes
    WHERE feed = 'product' AND status = 'done'
)
LEFT JOIN category_versions AS version USING (category)
GROUP BY category
ORDER BY category;
