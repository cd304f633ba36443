-- What is no row of a product's history: see history_after; and the rows of what is no product.
DELETE FROM price_history
WHERE
    rowid IN (SELECT place FROM history_after WHERE NOT is_kept)
    OR product_id IN (SELECT product_id FROM spellings WHERE clean_id IS NULL);
