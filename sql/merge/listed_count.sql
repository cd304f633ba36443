-- Products listed in the category before this merge.
SELECT count(*)
FROM product_categories
WHERE category = getvariable('category') AND delisted_at IS NULL;
