-- How many are not read again, and why.
SELECT
    count(*) FILTER (is_overtaken) AS overtaken_count,
    count(*) FILTER (is_capped AND NOT is_overtaken) AS capped_count
FROM wanted;
