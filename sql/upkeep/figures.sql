-- What a query of now reads; the files of older snapshots are on disk beside it.
SELECT
    (SELECT count(*) FROM lake.snapshots()) AS snapshot_count,
    coalesce(sum(file_count + delete_file_count), 0)::BIGINT AS file_count,
    coalesce(sum(file_size_bytes + delete_file_size_bytes), 0)::BIGINT AS byte_count
FROM ducklake_table_info('lake');
