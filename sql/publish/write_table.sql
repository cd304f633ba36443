-- One table as a folder of Parquet files. A row group of whole products is kept small enough for a
-- reader to hold a few, and a file small enough to be fetched alone.
COPY (SELECT ${columns} FROM ${table})
TO '${folder}' (
    FORMAT parquet,
    COMPRESSION zstd,
    ROW_GROUP_SIZE ${row_group},
    FILE_SIZE_BYTES '256MB'
);
