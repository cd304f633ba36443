-- What changed and what is new, in one pass: of a known product only the columns that the source carries
-- are overwritten. Run once for each source in the walk.
MERGE INTO products AS known
USING (
    FROM arrivals
    WHERE kind <> 'fills' AND record_source = getvariable('record_source')
) AS arrival
    ON known.product_id = arrival.product_id
WHEN MATCHED THEN UPDATE SET
    ${carried_assignments},
    category = coalesce(nullif(getvariable('category'), 'lookup'), known.category),
    feed = getvariable('feed'),
    feed_version = getvariable('version'),
    record_source = arrival.record_source,
    content_hash = arrival.content_hash,
    changed_at = greatest(arrival.fetched_at, known.changed_at + INTERVAL 1 microsecond),
    delisted_at = CASE WHEN arrival.stays_delisted THEN known.delisted_at END
WHEN NOT MATCHED THEN INSERT (
    ${new_columns},
    category,
    feed,
    feed_version,
    record_source,
    content_hash,
    first_seen_at,
    changed_at,
    delisted_at
)
VALUES (
    ${new_values},
    nullif(getvariable('category'), 'lookup'),
    getvariable('feed'),
    getvariable('version'),
    arrival.record_source,
    arrival.content_hash,
    arrival.fetched_at,
    arrival.fetched_at,
    CASE WHEN arrival.stays_delisted THEN getvariable('merged_at') END
);
