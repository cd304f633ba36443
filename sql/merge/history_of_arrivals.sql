-- A row for every product whose price, stock or availability is not what it was. A longer walk may
-- merge an older observation after a newer one: the row then comes just after what was known, so
-- that the last row is what the mirror holds.
INSERT INTO price_history
SELECT
    arrival.product_id,
    greatest(arrival.fetched_at, known.known_at + INTERVAL 1 microsecond),
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
JOIN changes AS known USING (page_number, record_number)
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
