-- Every snapshot before the one that was current when the kept days began: a time within them
-- still finds what the lake held then.
SET VARIABLE old_snapshots = (
    SELECT list(snapshot_id)
    FROM lake.snapshots()
    WHERE snapshot_id < (
        SELECT max(snapshot_id)
        FROM lake.snapshots()
        WHERE snapshot_time <= getvariable('kept_since')
    )
);
