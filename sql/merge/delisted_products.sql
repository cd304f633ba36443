-- What a delisted product was stays readable, and only its availability changes.
UPDATE products
SET
    is_available = false,
    feed_version = getvariable('version'),
    changed_at = greatest(getvariable('merged_at'), changed_at + INTERVAL 1 microsecond),
    delisted_at = getvariable('merged_at')
WHERE product_id IN (SELECT product_id FROM departures WHERE is_last_category);
