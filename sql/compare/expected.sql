-- What the mirror lists in the category; of a sample, those of it that were asked for.
CREATE OR REPLACE TEMP TABLE expected AS
SELECT DISTINCT product_id
FROM product_categories
WHERE
    category = getvariable('category')
    AND delisted_at IS NULL
    AND (
        getvariable('asked') IS NULL
        OR product_id IN (SELECT unnest(from_json(getvariable('asked')::VARCHAR, '["VARCHAR"]')))
    );
