-- The tables that are published, with each column's type and all comments.
SELECT
    table_name,
    made.comment AS table_comment,
    list({
        'name': one.column_name,
        'type': one.data_type,
        'comment': one.comment
    } ORDER BY one.column_index) AS "columns"
FROM duckdb_columns() AS one
JOIN duckdb_tables() AS made USING (database_name, table_name)
WHERE database_name = 'lake' AND table_name <> 'lake_format'
GROUP BY ALL
ORDER BY table_name;
