-- Files that no commit ever named, as after a kill.
SELECT count(*)
FROM ducklake_delete_orphaned_files('lake', older_than => getvariable('unneeded_since'));
