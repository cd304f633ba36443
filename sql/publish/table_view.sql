-- The files are found where they were published, or in the folder that the reader names.
CREATE VIEW ${table} AS
FROM read_parquet(coalesce(getvariable('feedlake_folder'), '${folder}') || '/${table}/*.parquet');
