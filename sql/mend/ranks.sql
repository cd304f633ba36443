-- The products of lists by rank, under the ids under which they stay; null for what is no id.
UPDATE ${table}
SET product_id = clean_product_id(product_id)
WHERE product_id IN (SELECT product_id FROM spellings);
