INSERT INTO category_versions
VALUES (
    getvariable('category'),
    getvariable('version'),
    getvariable('refresh_id'),
    getvariable('merged_at')
);
