-- Every file that some kept snapshot reads: its path in the data folder, its size in bytes, and
-- its rows (null for the lists of deleted rows: one may hold those of several snapshots).
WITH stored AS (
    SELECT
        table_id,
        path,
        path_is_relative,
        file_size_bytes,
        record_count
    FROM __ducklake_metadata_lake.ducklake_data_file
    UNION ALL
    SELECT
        table_id,
        path,
        path_is_relative,
        file_size_bytes,
        NULL AS record_count
    FROM __ducklake_metadata_lake.ducklake_delete_file
),
folder AS (
    SELECT DISTINCT
        owner.table_id,
        holder.path || owner.path AS path
    FROM __ducklake_metadata_lake.ducklake_table AS owner
    JOIN __ducklake_metadata_lake.ducklake_schema AS holder USING (schema_id)
)
SELECT
    CASE WHEN stored.path_is_relative = 1 THEN folder.path ELSE '' END || stored.path AS path,
    stored.file_size_bytes,
    stored.record_count
FROM stored
JOIN folder USING (table_id)
ORDER BY path;
