-- The snapshot that was current at the time.
SELECT snapshot_id, snapshot_time
FROM lake.snapshots()
WHERE snapshot_time <= TRY_CAST(getvariable('wanted_snapshot') AS TIMESTAMPTZ)
ORDER BY snapshot_id DESC
LIMIT 1;
