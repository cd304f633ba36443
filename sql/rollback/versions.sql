-- Where the category stands, where it stood, and whether it was there at all.
SELECT
    (
        SELECT arg_max(version, mirrored_at)
        FROM category_versions
        WHERE category = getvariable('category')
    ) AS from_version,
    (
        SELECT arg_max(version, mirrored_at)
        FROM category_versions AT (VERSION => getvariable('target'))
        WHERE category = getvariable('category')
    ) AS to_version,
    EXISTS (
        FROM product_categories
        WHERE category = getvariable('category')
    ) AS is_known,
    EXISTS (
        FROM product_categories AT (VERSION => getvariable('target'))
        WHERE category = getvariable('category')
    ) AS was_known;
