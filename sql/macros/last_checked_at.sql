-- last_checked_at(): when the mirror last checked any category successfully. Macros and views that
-- ask for some days count them back from here, not from the reader's clock: the lake as it was at a
-- snapshot, or a copy opened a week later, gives the answers of its own day.
CREATE OR REPLACE MACRO last_checked_at() AS (
    SELECT max(finished_at)
    FROM refreshes
    WHERE feed = 'product' AND status = 'done' AND mode IN ('full', 'delta', 'skip')
);
