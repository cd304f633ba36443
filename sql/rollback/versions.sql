-- Where the category stands, where it stood, and whether it was there at all.
WITH past AS (
    SELECT
        arg_max(mode, finished_at) AS last_mode,
        max(finished_at) FILTER (
            status = 'done' AND mode IN ('rollback', 'remove') AND to_version IS NULL
        ) AS forgotten_at
    FROM refreshes AT (VERSION => getvariable('target'))
    WHERE feed = 'product' AND mode <> 'replay' AND category = getvariable('category')
)
SELECT
    (
        SELECT version
        FROM category_standing
        WHERE category = getvariable('category')
    ) AS from_version,
    (
        SELECT arg_max(version, mirrored_at)
        FROM category_versions AT (VERSION => getvariable('target'))
        WHERE
            category = getvariable('category')
            AND mirrored_at > coalesce(past.forgotten_at, '-infinity'::TIMESTAMPTZ)
    ) AS to_version,
    EXISTS (
        FROM product_categories
        WHERE category = getvariable('category')
    ) AS is_known,
    past.last_mode IS DISTINCT FROM 'remove'
    AND EXISTS (
        FROM product_categories AT (VERSION => getvariable('target'))
        WHERE category = getvariable('category')
    ) AS was_known
FROM past;
