-- Only the columns that the source carries are overwritten, and whether the product is available; run
-- once for each source in the walk.
MERGE INTO products AS known
USING (
    FROM arrivals
    WHERE kind NOT IN ('new', 'fills') AND record_source = getvariable('record_source')
) AS arrival
    ON known.product_id = arrival.product_id
WHEN MATCHED THEN UPDATE SET
    ${carried_assignments},
    is_available = arrival.is_available,
    category = coalesce(nullif(getvariable('category'), 'lookup'), known.category),
    feed = getvariable('feed'),
    feed_version = getvariable('version'),
    record_source = arrival.record_source,
    content_hash = arrival.content_hash,
    changed_at = greatest(arrival.fetched_at, known.changed_at + INTERVAL 1 microsecond),
    delisted_at = CASE WHEN arrival.stays_delisted THEN known.delisted_at END;
