-- The products that the category lists, and whether no other category lists them.
CREATE OR REPLACE TEMP TABLE departures AS
SELECT
    product_id,
    NOT bool_or(category <> getvariable('category')) AS is_last_category
FROM product_categories
WHERE delisted_at IS NULL
GROUP BY product_id
HAVING bool_or(category = getvariable('category'));
