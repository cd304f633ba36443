-- When each refresh really ended, as far as can be known: what lies in the future was before now, and
-- their order stays.
CREATE OR REPLACE TEMP TABLE refresh_times AS
SELECT
    refresh_id,
    feed,
    category,
    CASE
        WHEN finished_at > getvariable('repaired_at') THEN getvariable('repaired_at') - to_microseconds(
            dense_rank() OVER (ORDER BY finished_at DESC)
        )
        ELSE finished_at
    END AS ended_at
FROM refreshes;
