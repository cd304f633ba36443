-- The newest row is where the category stands, also where the clock was set back since the last.
INSERT INTO category_versions
SELECT
    getvariable('category'),
    getvariable('version'),
    getvariable('refresh_id'),
    greatest(getvariable('finished_at'), max(mirrored_at) + INTERVAL 1 microsecond)
FROM category_versions
WHERE category = getvariable('category');
