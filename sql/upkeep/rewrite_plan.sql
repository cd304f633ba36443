-- A file with deleted rows is read together with the list of them, and is never merged with
-- others. A quarter deleted is worth writing it anew; where many files of a table have a few
-- deleted rows each, all but the least are.
SELECT
    table_name,
    CASE WHEN delete_file_count > 20 THEN 0.01 ELSE 0.25 END AS delete_threshold
FROM ducklake_table_info('lake')
WHERE delete_file_count > 0
ORDER BY table_name;
