-- A row that was written since and says the same again, as after an earlier rollback, stays.
DELETE FROM products_back
WHERE product_id IN (
    SELECT product_id
    FROM products_back AS back
    JOIN products AS present USING (product_id)
    WHERE struct_update(back, changed_at := NULL)
        IS NOT DISTINCT FROM struct_update(present, changed_at := NULL)
);
