-- Times in the future of one table's rows become the time at which their refresh ended.
UPDATE ${table} AS kept
SET ${column} = coalesce(
    (SELECT ended_at FROM refresh_times WHERE refresh_times.refresh_id = kept.refresh_id),
    getvariable('repaired_at')
)
WHERE ${column} > getvariable('repaired_at');
