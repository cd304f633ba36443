SELECT
    min(snapshot_id) AS oldest,
    max(snapshot_id) AS newest,
    min(snapshot_time) AS oldest_time
FROM lake.snapshots();
