-- The columns in which they differ, of those that both carry. A text in which the dump lost bytes
-- says nothing, and neither does a dump's bare record of a product that another category wrote.
CREATE OR REPLACE TEMP TABLE pair_differences AS
SELECT
    product_id,
    here.category AS owner,
    list_filter(
        [${differing}],
        lambda name: coalesce(list_contains(carried.carried_names, name), name IS NOT NULL)
    ) AS column_names
FROM pair
JOIN ${here} AS here USING (product_id)
JOIN ${there} AS there USING (product_id)
LEFT JOIN carried ON carried.record_source = here.record_source
WHERE
    pair.kind = 'different'
    AND column_names <> []
    AND NOT coalesce(
        there.is_bare AND NOT here.is_bare AND owner <> getvariable('category'),
        false
    );
