-- Only the columns that the source carries are overwritten; run once for each source in the walk.
-- What a delisted product was stays readable, and only its availability changes: it goes along with
-- the first source, because a table of millions is not read twice for it.
MERGE INTO products AS known
USING (
    SELECT
        *,
        false AS has_left
    FROM arrivals
    WHERE kind NOT IN ('new', 'fills') AND record_source = getvariable('record_source')
    UNION ALL BY NAME
    SELECT
        product_id,
        true AS has_left
    FROM departures
    WHERE is_last_category AND getvariable('with_departures')
) AS arrival
    ON known.product_id = arrival.product_id
WHEN MATCHED THEN UPDATE SET
    ${carried_assignments},
    is_available = NOT arrival.has_left AND arrival.is_available,
    category = CASE
        WHEN arrival.has_left THEN known.category
        ELSE coalesce(nullif(getvariable('category'), 'lookup'), known.category)
    END,
    feed = CASE WHEN arrival.has_left THEN known.feed ELSE getvariable('feed') END,
    feed_version = getvariable('version'),
    record_source = CASE WHEN arrival.has_left THEN known.record_source ELSE arrival.record_source END,
    content_hash = CASE WHEN arrival.has_left THEN known.content_hash ELSE arrival.content_hash END,
    changed_at = CASE
        WHEN arrival.has_left THEN getvariable('merged_at')
        ELSE greatest(arrival.fetched_at, known.changed_at + INTERVAL 1 microsecond)
    END,
    delisted_at = CASE
        WHEN arrival.has_left THEN getvariable('merged_at')
        WHEN arrival.stays_delisted THEN known.delisted_at
    END;
