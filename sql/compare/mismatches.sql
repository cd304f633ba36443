-- What differs and what to think of it. behind: the changes since the mirrored version name it.
-- elsewhere: the row is as another category that lists the product said it, and the two do not
-- agree upstream. wrong: anything else.
CREATE OR REPLACE TEMP TABLE mismatches AS
SELECT
    suspect.product_id,
    suspect.kind,
    difference.column_names,
    suspect.page_number,
    suspect.record_number,
    CASE
        WHEN suspect.product_id IN (SELECT product_id FROM news) THEN 'behind'
        WHEN
            suspect.kind = 'different'
            AND suspect.is_as_merged
            AND getvariable('asked') IS NULL
            AND suspect.owner <> getvariable('category')
            AND EXISTS (
                SELECT 1
                FROM product_categories AS other
                WHERE
                    other.product_id = suspect.product_id
                    AND other.category = suspect.owner
                    AND other.delisted_at IS NULL
            )
            THEN 'elsewhere'
        ELSE 'wrong'
    END AS verdict
FROM suspects AS suspect
LEFT JOIN differences AS difference USING (product_id)
WHERE suspect.kind <> 'different' OR difference.product_id IS NOT NULL;
