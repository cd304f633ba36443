UPDATE product_categories
SET delisted_at = getvariable('merged_at')
WHERE
    category = coalesce(getvariable('departs_from')::VARCHAR, category)
    AND delisted_at IS NULL
    AND product_id IN (SELECT product_id FROM departures);
