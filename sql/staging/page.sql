-- What a page says, with the hash of each record, as quick to write as to read.
COPY (SELECT *, hash(record_source, ${hashed}) AS content_hash FROM page)
TO '${file}' (FORMAT parquet, COMPRESSION lz4_raw);
