-- What the walk staged, read where it lies: the walk of a large category is larger than memory.
CREATE OR REPLACE TEMP VIEW staged_records AS
FROM read_parquet(getvariable('staged_pages'));
