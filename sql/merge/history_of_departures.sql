-- A delisted product keeps its last prices and is no longer available.
INSERT INTO price_history
SELECT
    known.product_id,
    greatest(getvariable('merged_at'), known.changed_at + INTERVAL 1 microsecond),
    known.currency,
    known.mrp,
    known.selling_price,
    known.special_price,
    known.in_stock,
    false,
    nullif(getvariable('category'), 'lookup'),
    getvariable('feed'),
    getvariable('refresh_id')
FROM products AS known
JOIN departures AS departure USING (product_id)
WHERE departure.is_last_category AND known.is_available;
