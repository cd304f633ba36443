-- Files that have lost their share of rows are written anew without them.
SELECT coalesce(sum(files_processed), 0)::BIGINT
FROM ducklake_rewrite_data_files(
    'lake',
    getvariable('table_name'),
    delete_threshold => getvariable('delete_threshold')
);
