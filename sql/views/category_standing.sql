-- Where each category that the lake mirrors stands: its version, its last full walk, and since when the
-- directory no longer lists it. A category that was removed has no row.
CREATE OR REPLACE VIEW category_standing AS
WITH own AS (
    FROM refreshes
    WHERE feed = 'product' AND mode <> 'replay'
),
mirrored AS (
    SELECT
        category,
        max(finished_at) FILTER (mode NOT IN ('unlisted', 'rollback', 'remove')) AS listed_at,
        -- A command that a person typed, and not a walk, made the category what it is.
        max(finished_at) FILTER (
            status = 'done' AND mode IN ('rollback', 'remove')
        ) AS replaced_at,
        max(finished_at) FILTER (
            status = 'done' AND mode IN ('rollback', 'remove') AND to_version IS NULL
        ) AS forgotten_at
    FROM own
    GROUP BY category
    HAVING arg_max(mode, finished_at) <> 'remove'
),
version AS (
    SELECT
        category,
        arg_max(version, mirrored_at) AS version,
        max(mirrored_at) AS mirrored_at
    FROM category_versions
    JOIN mirrored USING (category)
    WHERE mirrored_at > coalesce(forgotten_at, '-infinity'::TIMESTAMPTZ)
    GROUP BY category
),
-- When the category first reached the version that a rollback put it back to. A full walk that ended
-- later may be what the rollback undid.
reached AS (
    SELECT
        own.category,
        min(own.finished_at) AS reached_at
    FROM own
    JOIN own AS rollback
        ON rollback.category = own.category
        AND rollback.mode = 'rollback'
        AND own.to_version IS NOT DISTINCT FROM rollback.to_version
    JOIN mirrored
        ON mirrored.category = own.category
        AND mirrored.replaced_at = rollback.finished_at
    WHERE own.status = 'done' AND own.finished_at < mirrored.replaced_at
    GROUP BY own.category
),
full_walk AS (
    SELECT
        category,
        max(started_at) AS last_full_at,
        arg_max(page_count, started_at) AS full_page_count
    FROM own
    JOIN mirrored USING (category)
    LEFT JOIN reached USING (category)
    WHERE
        mode = 'full'
        AND status = 'done'
        AND (
            finished_at > coalesce(replaced_at, '-infinity'::TIMESTAMPTZ)
            OR finished_at <= reached_at
        )
    GROUP BY category
),
failure AS (
    SELECT
        category,
        count(*) AS failed_full_count,
        max(finished_at) AS failed_full_at
    FROM own
    LEFT JOIN full_walk USING (category)
    WHERE
        mode = 'full'
        AND status = 'failed'
        AND started_at > coalesce(last_full_at, '-infinity'::TIMESTAMPTZ)
    GROUP BY category
),
missing AS (
    SELECT
        category,
        min(started_at) AS unlisted_at
    FROM own
    JOIN mirrored USING (category)
    WHERE
        mode = 'unlisted'
        AND finished_at > coalesce(listed_at, '-infinity'::TIMESTAMPTZ)
    GROUP BY category
)
SELECT
    category,
    version.version,
    version.mirrored_at,
    full_walk.last_full_at,
    full_walk.full_page_count,
    coalesce(failure.failed_full_count, 0) AS failed_full_count,
    failure.failed_full_at,
    missing.unlisted_at
FROM mirrored
LEFT JOIN version USING (category)
LEFT JOIN full_walk USING (category)
LEFT JOIN failure USING (category)
LEFT JOIN missing USING (category);

COMMENT ON VIEW category_standing IS 'One mirrored category: version it stands at (null before the first full walk), mirrored_at when that version came, last_full_at when the last full walk that was merged began, full_page_count its pages, failed_full_count full walks that failed since, failed_full_at the last of them, unlisted_at when a refresh first met a directory without the category (null while it is listed). Walks of what is in stock, replays and walks that a rollback undid are no full walks. A removed category has no row. Times are UTC.';
