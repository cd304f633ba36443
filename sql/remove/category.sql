-- What the lake knows of the category, and whether it was removed already.
SELECT
    count(*) > 0 AS is_known,
    coalesce(arg_max(mode, finished_at) = 'remove', false) AS is_removed
FROM refreshes
WHERE feed = 'product' AND mode <> 'replay' AND category = getvariable('category');
