-- The categories that nobody should trust today: unchecked for a day, or failing.
SELECT
    category,
    version,
    checked_at,
    hours_since_check,
    failed_count,
    last_error
FROM category_freshness
WHERE hours_since_check > 24 OR checked_at IS NULL OR failed_count > 0
ORDER BY checked_at NULLS FIRST;
