-- How many products there are on each road.
SELECT
    (SELECT count(*) FROM expected) AS mirror_count,
    (SELECT count(*) FROM walk_winners) AS walk_count,
    (SELECT count(*) FROM winners) AS dump_count;
