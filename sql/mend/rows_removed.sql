-- The rows of one table that are written anew, and those of what is no product.
DELETE FROM ${table}
WHERE
    product_id IN (SELECT product_id FROM chosen)
    OR product_id IN (SELECT product_id FROM spellings WHERE clean_id IS NULL);
