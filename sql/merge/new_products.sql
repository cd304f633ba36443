INSERT INTO products BY NAME
SELECT
    arrival.* EXCLUDE (page_number, record_number, fetched_at, kind, stays_delisted),
    nullif(getvariable('category'), 'lookup') AS category,
    getvariable('feed') AS feed,
    getvariable('version') AS feed_version,
    arrival.fetched_at AS first_seen_at,
    arrival.fetched_at AS changed_at,
    CASE WHEN arrival.stays_delisted THEN getvariable('merged_at') END AS delisted_at
FROM arrivals AS arrival
WHERE arrival.kind = 'new';
