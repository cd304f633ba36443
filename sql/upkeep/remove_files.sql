-- Files that no kept snapshot has needed since before the grace period.
SELECT count(*)
FROM ducklake_cleanup_old_files('lake', older_than => getvariable('unneeded_since'));
