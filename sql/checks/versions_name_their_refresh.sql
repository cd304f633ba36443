-- Every version of a category was brought by the refresh that says so, and no other is missing.
WITH moves AS (
    SELECT
        refresh_id,
        category,
        to_version AS version
    FROM refreshes
    WHERE status = 'done' AND mode <> 'skip' AND to_version IS DISTINCT FROM from_version
        AND to_version IS NOT NULL
)
SELECT
    refresh_id,
    coalesce(mirrored.category, moves.category) AS category,
    mirrored.version,
    moves.version AS version_of_refresh
FROM category_versions AS mirrored
FULL JOIN moves USING (refresh_id)
WHERE
    mirrored.version IS DISTINCT FROM moves.version
    OR mirrored.category IS DISTINCT FROM moves.category
ORDER BY refresh_id;
