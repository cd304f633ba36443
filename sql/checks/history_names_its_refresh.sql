-- Every row of history names a refresh that was done.
SELECT
    refresh_id,
    count(*) AS row_count
FROM price_history
WHERE refresh_id NOT IN (SELECT refresh_id FROM refreshes WHERE status = 'done')
GROUP BY refresh_id
ORDER BY refresh_id;
