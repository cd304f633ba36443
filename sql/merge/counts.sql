-- What the merge is about to do, for the summary and for refreshes.
SELECT
    (SELECT count(*) FROM changes WHERE kind = 'new') AS new_count,
    (SELECT count(*) FROM changes WHERE kind NOT IN ('new', 'fills')) AS changed_count,
    (SELECT count(*) FROM departures WHERE is_last_category) AS delisted_count,
    (SELECT count(*) FROM departures) AS departed_count,
    (SELECT count(*) FROM members WHERE is_return) AS returned_member_count,
    (SELECT count(*) FROM members WHERE NOT is_return) AS new_member_count,
    (SELECT count(*) FROM changes WHERE kind = 'fills') AS filled_count;
