-- The columns in which a product differs; run for each source in the walk, which carries its own.
-- Where the mirror remembers the very record, a value that the feed lacks may be a dump's.
INSERT INTO differences
SELECT
    product_id,
    list_filter([${differing}], lambda name: name IS NOT NULL) AS column_names
FROM suspects AS suspect
JOIN (
    SELECT * REPLACE (
        map_from_entries(image_urls) AS image_urls,
        coalesce(is_available, true) AS is_available
    )
    FROM read_parquet(getvariable('staged_pages'))
) AS there USING (product_id, page_number, record_number)
JOIN products AS here USING (product_id)
WHERE
    suspect.kind = 'different'
    AND suspect.record_source = getvariable('record_source')
    AND column_names <> [];
