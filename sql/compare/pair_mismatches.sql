-- What differs and what to think of it, as between a walk and the mirror; behind is here what the
-- dump's age explains.
CREATE OR REPLACE TEMP TABLE mismatches AS
SELECT
    pair.product_id,
    pair.kind,
    difference.column_names,
    NULL::INTEGER AS page_number,
    NULL::INTEGER AS record_number,
    CASE
        WHEN
            getvariable('is_older')
            OR pair.product_id IN (SELECT product_id FROM aged)
            THEN 'behind'
        WHEN
            difference.owner <> getvariable('category')
            AND EXISTS (
                SELECT 1
                FROM product_categories AS other
                WHERE
                    other.product_id = pair.product_id
                    AND other.category = difference.owner
                    AND other.delisted_at IS NULL
            )
            THEN 'elsewhere'
        ELSE 'wrong'
    END AS verdict
FROM pair
LEFT JOIN pair_differences AS difference USING (product_id)
WHERE pair.kind <> 'different' OR difference.product_id IS NOT NULL;
