SELECT coalesce(sum(files_processed), 0)::BIGINT
FROM ducklake_merge_adjacent_files('lake');
