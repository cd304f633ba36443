-- Now, or just after the last moment at which a version was mirrored, put back or forgotten.
SELECT greatest(
    ?::TIMESTAMPTZ,
    (SELECT max(mirrored_at) + INTERVAL 1 microsecond FROM category_versions),
    (
        SELECT max(finished_at) + INTERVAL 1 microsecond
        FROM refreshes
        WHERE mode IN ('rollback', 'remove')
    )
);
