-- How long the walks of each feed and category were: the last whole one, and the deltas by version.
SELECT
    feed,
    category,
    arg_max(page_count, finished_at) FILTER (mode <> 'delta') AS whole_pages,
    sum(page_count) FILTER (mode = 'delta') AS delta_pages,
    sum(to_version - from_version) FILTER (mode = 'delta') AS delta_versions
FROM refreshes
WHERE status = 'done' AND page_count > 0
GROUP BY feed, category;
