-- What the walk staged, read where it lies: the walk of a large category is larger than memory. A
-- page is no newer than its merge, whatever the clock said when it was fetched.
CREATE OR REPLACE TEMP VIEW staged_records AS
SELECT * REPLACE (least(fetched_at, getvariable('merged_at')::TIMESTAMPTZ) AS fetched_at)
FROM read_parquet(getvariable('staged_pages'));
