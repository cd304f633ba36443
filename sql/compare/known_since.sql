-- Since when the mirror knows the category: what changed before, it cannot tell.
SELECT min(started_at)
FROM refreshes
WHERE
    category = getvariable('category')
    AND feed = 'product'
    AND mode = 'full'
    AND status = 'done';
