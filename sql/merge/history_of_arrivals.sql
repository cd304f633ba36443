-- A row for every product whose price, stock or availability is not what it was. A longer walk may
-- merge an older observation after a newer one: the row then comes just after what was known, so
-- that the last row is what the mirror holds. What the source does not carry is as it was; run once
-- for each source in the walk.
INSERT INTO price_history
SELECT
    arrival.product_id,
    greatest(arrival.fetched_at, known.known_at + INTERVAL 1 microsecond),
    ${currency},
    ${mrp},
    ${selling_price},
    ${special_price},
    ${in_stock},
    arrival.is_available,
    nullif(getvariable('category'), 'lookup'),
    getvariable('feed'),
    getvariable('refresh_id')
FROM arrivals AS arrival
JOIN changes AS known USING (page_number, record_number)
WHERE
    arrival.record_source = getvariable('record_source')
    AND arrival.kind <> 'fills'
    AND (
        arrival.kind = 'new'
        OR known.currency IS DISTINCT FROM ${currency}
        OR known.mrp IS DISTINCT FROM ${mrp}
        OR known.selling_price IS DISTINCT FROM ${selling_price}
        OR known.special_price IS DISTINCT FROM ${special_price}
        OR known.in_stock IS DISTINCT FROM ${in_stock}
        OR known.is_available IS DISTINCT FROM arrival.is_available
    );
