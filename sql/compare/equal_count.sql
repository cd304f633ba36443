-- Products that the walk has and the mirror has as well, with nothing different.
SELECT
    (
        SELECT count(*)
        FROM winners
        WHERE
            getvariable('asked') IS NULL
            OR product_id IN (SELECT product_id FROM expected)
    )
    - (SELECT count(*) FROM mismatches WHERE kind <> 'missing_there') AS equal_count;
