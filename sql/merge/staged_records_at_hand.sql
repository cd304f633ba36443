-- What a short walk staged, read once for all that is done with it.
CREATE OR REPLACE TEMP TABLE records_at_hand AS
FROM read_parquet(getvariable('staged_pages'));

CREATE OR REPLACE TEMP VIEW staged_records AS
FROM records_at_hand;
