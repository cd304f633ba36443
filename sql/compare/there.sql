-- One product as the walk has it.
SELECT ${columns}
FROM (
    SELECT * REPLACE (map_from_entries(image_urls) AS image_urls)
    FROM read_parquet(getvariable('page_file'))
)
WHERE
    page_number = getvariable('page_number')
    AND record_number = getvariable('record_number')
    AND product_id = getvariable('product_id');
