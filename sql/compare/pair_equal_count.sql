-- Products on both roads with nothing different.
SELECT
    (SELECT count(*) FROM ${here} SEMI JOIN ${there} USING (product_id))
    - (SELECT count(*) FROM mismatches WHERE kind = 'different') AS equal_count;
