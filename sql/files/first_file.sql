-- The path of the file that was written when the lake was made: every lake has one of its own.
SELECT data_file FROM ducklake_list_files('lake', 'lake_format');
