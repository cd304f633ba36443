-- Every value of a file is decoded for the hash, so that a damaged page shows.
SELECT
    count(*) AS row_count,
    bit_xor(hash(stored)) AS content_hash
FROM read_parquet(getvariable('data_file')) AS stored;
