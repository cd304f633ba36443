UPDATE products AS product
SET
    is_available = standing.is_available,
    delisted_at = standing.delisted_at,
    changed_at = CASE
        WHEN standing.is_available <> standing.was_available THEN getvariable('repaired_at')
        ELSE product.changed_at
    END
FROM standings AS standing
WHERE product.product_id = standing.product_id;
