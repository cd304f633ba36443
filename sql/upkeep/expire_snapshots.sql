SELECT count(*)
FROM ducklake_expire_snapshots('lake', versions => getvariable('old_snapshots'));
