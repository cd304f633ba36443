SELECT snapshot_id, snapshot_time
FROM lake.snapshots()
WHERE snapshot_id = TRY_CAST(getvariable('wanted_snapshot') AS BIGINT);
