-- Now, or just after the last merge where the clock was set back.
SET VARIABLE merged_at = (
    SELECT greatest(now(), max(mirrored_at) + INTERVAL 1 microsecond)
    FROM category_versions
);
