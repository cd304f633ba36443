-- Now, or just after the category was last put back or removed; where its version may be forgotten, also
-- after the last moment at which one was mirrored.
SELECT greatest(
    ?::TIMESTAMPTZ,
    (
        SELECT max(finished_at) + INTERVAL 1 microsecond
        FROM refreshes
        WHERE category = ? AND mode IN ('rollback', 'remove')
    ),
    (
        SELECT max(mirrored_at) + INTERVAL 1 microsecond
        FROM category_versions
        WHERE ? AND category = ?
    )
);
