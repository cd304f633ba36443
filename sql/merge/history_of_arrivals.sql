-- A row for every product whose price, stock or availability is not what it was.
INSERT INTO price_history
SELECT
    arrival.product_id,
    arrival.fetched_at,
    arrival.currency,
    arrival.mrp,
    arrival.selling_price,
    arrival.special_price,
    arrival.in_stock,
    arrival.is_available,
    nullif(getvariable('category'), 'lookup'),
    getvariable('feed'),
    getvariable('refresh_id')
FROM arrivals AS arrival
LEFT JOIN products AS known USING (product_id)
WHERE
    arrival.kind = 'new'
    OR (
        arrival.kind <> 'fills'
        AND (
            known.currency IS DISTINCT FROM arrival.currency
            OR known.mrp IS DISTINCT FROM arrival.mrp
            OR known.selling_price IS DISTINCT FROM arrival.selling_price
            OR known.special_price IS DISTINCT FROM arrival.special_price
            OR known.in_stock IS DISTINCT FROM arrival.in_stock
            OR known.is_available IS DISTINCT FROM arrival.is_available
        )
    );
