-- What some pages say, with the hash of each record. Packed so as to be quick, to write and to read.
COPY (SELECT *, hash(record_source, ${hashed}) AS content_hash FROM page)
TO '${file}' (FORMAT parquet, COMPRESSION lz4_raw);
